"""What is printed: certificates, slips, sheets of codes. Values in, bytes out."""
