"""Trials on AWS Fargate."""
