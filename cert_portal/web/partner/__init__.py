"""The partner face: outside bodies answer a referral by a link of their own, without an account."""
