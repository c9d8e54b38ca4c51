"""flask.__main__"""

from edgeweb.cli import main

if __name__ == "__main__":
    main()
