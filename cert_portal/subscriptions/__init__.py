"""Who wants to be told, what they are sent, and how they leave."""
