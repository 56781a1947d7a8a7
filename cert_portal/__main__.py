"""`python -m cert_portal` is the command `cert-portal`."""

from cert_portal.cli import main

if __name__ == "__main__":
    main()
