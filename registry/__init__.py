"""The office: who may say what about whom, and since when."""
