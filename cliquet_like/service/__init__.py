"""Service: Cornice's class with our errors and CORS, and its registration in one application."""

from cliquet_like.service.definition import Service
from cliquet_like.service.registration import register_service, service_for, setup_services

__all__ = ["Service", "register_service", "service_for", "setup_services"]
