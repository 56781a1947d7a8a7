"""Who is who: staff accounts, roles and permissions, holidays and the rules of the clocks."""
