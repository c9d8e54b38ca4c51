"""flask.__main__"""

from ..cli import main

if __name__ == "__main__":
    main()
