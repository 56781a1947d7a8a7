"""The faces of the portal: public, staff and machine, each a folder with its own guard."""
