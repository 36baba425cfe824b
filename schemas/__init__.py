"""What is said: values and their exact bytes."""
