"""The same on the stores' own servers: Azurite by key, SAS token and connection string, OpenStack
Swift, which checks every signature, and an emulator of Google's. `make test-servers` installs and runs
them."""

import functools
import unittest

from servers import Azurite, GoogleEmulator, Identities, Swift
from store_stories import BUCKET, StoreStories, StoreStory
from support import BAD_INPUT, ffmpeg, lavfi


class AzureByKey(StoreStories, StoreStory):
    server_of = Azurite

    def test_a_store_that_is_away_for_half_a_minute_is_waited_for(self):
        self.be_away(30)

    def test_a_key_that_does_not_open_is_said_and_not_repeated(self):
        source = self.put("clip.mp4", self.clip("clip.mp4"))
        wrong = "d3Jvbmcga2V5IHRoYXQgb3BlbnMgbm90aGluZw=="
        self.more["AZURE_STORAGE_KEY"] = wrong
        told = self.paint_in_store(source, self.outputs / "x.mp4", rc=BAD_INPUT)
        self.assertIn("does not permit this", told.err)
        self.assertNotIn(wrong, told.err)

    def test_a_key_may_stand_in_a_file(self):
        source = self.put("clip.mp4", self.clip("clip.mp4"))
        file = self.folder / "key"
        file.write_text(self.server.key + "\n")
        self.more.update(AZURE_STORAGE_KEY="", AZURE_STORAGE_KEY_FILE=str(file))
        self.paint_in_store(source, self.uri("out.mp4"))
        self.assertIn("out.mp4", self.names())

    def test_a_long_result_goes_up_in_blocks_and_is_there_at_the_end_alone(self):
        path = self.folder / "noise.mkv"
        ffmpeg(*lavfi("testsrc2=s=640x360:r=25,noise=alls=90:allf=t"), "-t", "8", "-c:v",
               "libx264", "-preset", "ultrafast", "-b:v", "30M", path)
        source = self.put("noise.mkv", path)
        process = self.begin("paint", source, "--style", "starry-night", "-o",
                             self.uri("out.mkv"), "--overwrite", "--codec", "ffv1", "--progress",
                             "none")
        seen = set()
        while process.poll() is None:
            content = self.server.get(BUCKET, f"{self.prefix}/out.mkv")
            seen.add(None if content is None else len(content))
        _, told = process.communicate()
        self.assertEqual(process.returncode, 0, told)
        self.assertLessEqual(len(seen), 2, "absent, and then whole: nothing in between")
        self.assertGreater(len(self.server.get(BUCKET, f"{self.prefix}/out.mkv")), 16 << 20)


class AzureBySas(StoreStories, StoreStory):
    server_of = functools.partial(Azurite, by="SAS")

    def test_a_token_that_may_only_read_is_said(self):
        source = self.put("clip.mp4", self.clip("clip.mp4"))
        self.more["AZURE_STORAGE_SAS_TOKEN"] = "?" + self.server.token("rl")
        told = self.paint_in_store(source, self.uri("out.mp4"), rc=BAD_INPUT)
        self.assertIn("does not permit this", told.err)
        self.assertNotIn("sig=", told.err)
        self.paint_in_store(source, self.outputs / "out.mp4")


class AzureByConnectionString(StoreStory):
    server_of = functools.partial(Azurite, by="connection string")

    def test_it_opens_as_well(self):
        source = self.put("clip.mp4", self.clip("clip.mp4"))
        self.paint_in_store(source, self.uri("out.mp4"))
        self.assertEqual(self.names(), ["clip.mp4", "out.mp4"])

    def test_the_account_may_stand_in_the_uri(self):
        self.put("clip.mp4", self.clip("clip.mp4"))
        root = f"abfss://{BUCKET}@{self.server.account}.dfs.core.windows.net/{self.prefix}"
        self.paint_in_store(f"{root}/clip.mp4", f"{root}/out.mp4")
        self.assertEqual(self.names(), ["clip.mp4", "out.mp4"])


class AzureByIdentity(StoreStory):
    server_of = functools.partial(Azurite, by="identity")

    def paint_by(self, way, identities, **more):
        self.more.update(identities.environment(way), **more)
        source = self.put("clip.mp4", self.clip("clip.mp4"))
        result = self.paint_in_store(source, self.uri("out.mp4"))
        self.assertEqual(self.names(), ["clip.mp4", "out.mp4"])
        self.assertEqual(set(identities.given), {way})
        for secret in identities.secrets:
            self.assertNotIn(secret, result.out + result.err)

    def identities(self, **more):
        identities = Identities(**more)
        self.addCleanup(identities.stop)
        return identities

    def test_a_workload_signs_in_by_its_federated_token(self):
        identities = self.identities()
        file = self.folder / "token"
        file.write_text(identities.federated + "\n")
        self.paint_by("workload", identities, AZURE_FEDERATED_TOKEN_FILE=str(file))
        self.assertLess(len(identities.given), 4)  # it is kept, in each process

    def test_a_client_signs_in_by_its_secret(self):
        self.paint_by("secret", self.identities())

    def test_an_app_service_vouches_for_its_processes(self):
        self.paint_by("app service", self.identities())

    def test_a_machine_vouches_for_its_processes(self):
        self.paint_by("machine", self.identities())

    def test_a_token_is_renewed_before_it_ends(self):
        identities = self.identities(seconds=300)  # so long before none is relied on
        self.more.update(identities.environment("machine"))
        source = self.put("clip.mp4", self.clip("clip.mp4"))
        self.do("plan", source, "--style", "starry-night", "-o", self.uri("out.mp4"), "--job",
                self.uri("job"))
        before = len(identities.given)
        process = self.begin("work", self.uri("job"), "--progress", "none")
        _, told = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 0, told)
        self.assertGreater(len(identities.given), before + 10)
        self.do("finish", self.uri("job"))

    def test_who_is_refused_is_told_so(self):
        identities = self.identities()
        source = self.put("clip.mp4", self.clip("clip.mp4"))
        self.more.update(identities.environment("secret"), AZURE_CLIENT_SECRET="another-secret")
        told = self.paint_in_store(source, self.uri("out.mp4"), rc=BAD_INPUT)
        self.assertIn("the identity for the storage account", told.err)
        self.assertNotIn("another-secret", told.err)

    def test_without_credentials_it_says_so(self):
        self.more["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = "http://127.0.0.1:1"
        source = self.put("clip.mp4", self.clip("clip.mp4"))
        told = self.paint_in_store(source, self.uri("out.mp4"), rc=BAD_INPUT)
        self.assertIn("there are no credentials for the storage account", told.err)


class S3OnSwift(StoreStories, StoreStory):
    server_of = Swift

    def test_a_store_that_is_away_for_half_a_minute_is_waited_for(self):
        self.be_away(30)

    def test_a_key_that_does_not_open_is_said(self):
        source = self.put("clip.mp4", self.clip("clip.mp4"))
        self.more["AWS_SECRET_ACCESS_KEY"] = "wrong-secret"
        told = self.paint_in_store(source, self.outputs / "x.mp4", rc=BAD_INPUT)
        self.assertIn("does not permit this", told.err)


class Google(StoreStory):
    """The emulator answers one request at a time, and with a whole object whatever range is asked
    for; so these are the stories of small objects, over lines that hold."""

    server_of = GoogleEmulator

    test_from_store_to_store = StoreStories.test_a_film_from_a_store_to_a_store_is_what_it_is_here
    test_jobs = StoreStories.test_a_job_lies_in_a_store_and_its_ends_anywhere
    test_goes_on = StoreStories.test_killed_and_run_again_it_goes_on
    test_folders = StoreStories.test_folders_patterns_and_paintings_are_prefixes_and_objects
    test_sentences = StoreStories.test_what_cannot_be_done_is_said_in_a_sentence
    test_credentials = StoreStories.test_credentials_in_a_uri_are_refused_and_not_repeated


if __name__ == "__main__":
    unittest.main()
