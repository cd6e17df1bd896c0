"""What residents and admins see: pages, forms and the frame around them."""
