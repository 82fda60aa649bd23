"""What two functions need: settings, access to PostgREST, errors, bodies, content blocks, logging."""
