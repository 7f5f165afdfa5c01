"""What rules are made of: metadata, views of requests with their simulation, and arithmetic over what is lost.

Rules import all of it from `auditor.api`.
"""
