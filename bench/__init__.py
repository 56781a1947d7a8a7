"""What is measured, and how: product and floor side by side in one run; ratios are what counts."""
