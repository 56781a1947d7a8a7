from cert_portal.app import create_app

app = create_app()
