"""Films and jobs in a bucket of S3, as moto plays it."""

import unittest

from servers import Moto
from store_stories import StoreStories, StoreStory


class S3(StoreStories, StoreStory):
    server_of = Moto


if __name__ == "__main__":
    unittest.main()
