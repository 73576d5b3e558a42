"""What is sent: how a source's files are declared, and a synthetic book to send.

Opening files belongs to `assets`; typing their rows to `models.staging`.
"""
