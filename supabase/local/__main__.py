"""`python supabase/local <command>`: a Supabase project on this machine. See docs/local-stack.md."""

from commands import main

if __name__ == "__main__":
    main()
