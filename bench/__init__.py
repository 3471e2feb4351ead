"""What the product is measured by; nothing in the product imports it."""
