import os
import lit.formats

# The GoogleTest programs of unittests/, one lit test for each of their shards.
config.name = "QUANTC-Unit"
config.suffixes = []
config.test_source_root = os.path.join(config.quantc_obj_root, "unittests")
config.test_exec_root = config.test_source_root
config.test_format = lit.formats.GoogleTest(".", "Tests")
