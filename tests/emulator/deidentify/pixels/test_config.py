"""ImageConfig of both versions: what it compiles to, and what is refused."""

import pickle
import subprocess
import sys
from typing import Any

import pytest

from emulator.deidentify.errors import ConfigError
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.config import ImagePlan, compile_image
from emulator.deidentify.text.finding import DEFAULT_INFO_TYPES, INFO_TYPES

SENSITIVE = "REDACT_SENSITIVE_TEXT"
CLEAN = "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS"


def compiled(version: str = "v1beta1", options: EngineOptions | None = None, /, **image: Any) -> ImagePlan | None:
    parent = Fields({"image": image}, "$", ["image"])
    return compile_image(parent, "image", version, options or EngineOptions())


def refused(version: str = "v1beta1", /, **image: Any) -> ConfigError:
    with pytest.raises(ConfigError) as raised:
        compiled(version, **image)
    return raised.value


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
@pytest.mark.parametrize("image", [{}, {"textRedactionMode": "REDACT_NO_TEXT"}, {"customRegexes": []}])
def test_nothing_is_redacted_without_a_mode_or_with_redact_no_text(version: str, image: dict[str, Any]) -> None:
    assert compiled(version, **image) is None


def test_an_absent_field_redacts_nothing() -> None:
    assert compile_image(Fields({}, "$", ["image"]), "image", "v1", EngineOptions()) is None


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_all_text(version: str) -> None:
    plan = compiled(version, textRedactionMode="REDACT_ALL_TEXT")
    assert plan == ImagePlan("all")


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_sensitive_text_is_what_the_default_info_types_are(version: str) -> None:
    plan = compiled(version, text_redaction_mode=SENSITIVE)
    assert plan == ImagePlan("sensitive", DEFAULT_INFO_TYPES)


def test_clean_descriptors_is_a_mode_of_v1beta1() -> None:
    plan = compiled(textRedactionMode=CLEAN)
    assert plan == ImagePlan("sensitive_clean_descriptors", DEFAULT_INFO_TYPES)


def test_clean_descriptors_is_refused_in_v1() -> None:
    assert refused("v1", textRedactionMode=CLEAN).json_path == "$.image.textRedactionMode"


@pytest.mark.parametrize("field", ["additionalInfoTypes", "excludeInfoTypes", "exclude_info_types"])
def test_info_type_lists_are_refused_in_v1_with_where_they_exist(field: str) -> None:
    error = refused("v1", textRedactionMode=SENSITIVE, **{field: ["DATE"]})
    assert error.json_path == f"$.image.{field}"
    assert "v1beta1" in error.message


def test_excluded_info_types_are_not_looked_for() -> None:
    plan = compiled(textRedactionMode=SENSITIVE, excludeInfoTypes=["DATE"])
    assert plan is not None
    assert plan.info_types == DEFAULT_INFO_TYPES - {"DATE"}


def test_additional_info_types_join_the_default_ones() -> None:
    name = min(INFO_TYPES)
    plan = compiled(textRedactionMode=CLEAN, additionalInfoTypes=[name])
    assert plan is not None
    assert plan.info_types == DEFAULT_INFO_TYPES | {name}


def test_additional_info_types_without_a_mode_are_the_only_ones() -> None:
    assert compiled(additionalInfoTypes=["DATE"]) == ImagePlan("sensitive", frozenset({"DATE"}))


@pytest.mark.parametrize("mode", ["REDACT_ALL_TEXT", "REDACT_NO_TEXT"])
def test_additional_info_types_need_a_mode_that_looks_for_some(mode: str) -> None:
    error = refused(textRedactionMode=mode, additionalInfoTypes=["DATE"])
    assert error.json_path == "$.image.additionalInfoTypes"


@pytest.mark.parametrize("mode", ["REDACT_ALL_TEXT", "REDACT_NO_TEXT", "TEXT_REDACTION_MODE_UNSPECIFIED"])
def test_excluded_info_types_need_a_sensitive_mode(mode: str) -> None:
    error = refused(textRedactionMode=mode, excludeInfoTypes=["DATE"])
    assert error.json_path == "$.image.excludeInfoTypes"


def test_an_info_type_nobody_can_find_is_refused() -> None:
    error = refused(textRedactionMode=SENSITIVE, additionalInfoTypes=["DATE", "FAVOURITE_COLOUR"])
    assert error.json_path == "$.image.additionalInfoTypes[1]"
    assert "DATE" in error.message


def test_an_info_type_nobody_can_find_may_be_excluded() -> None:
    plan = compiled(textRedactionMode=SENSITIVE, excludeInfoTypes=["FAVOURITE_COLOUR"])
    assert plan == ImagePlan("sensitive", DEFAULT_INFO_TYPES)


@pytest.mark.parametrize("name", ["date", "", 7, None])
def test_what_is_no_name_of_an_info_type_is_refused(name: object) -> None:
    assert refused(textRedactionMode=SENSITIVE, excludeInfoTypes=[name]).json_path == "$.image.excludeInfoTypes[0]"


def test_thorough_is_an_option_of_the_engine() -> None:
    plan = compiled("v1", EngineOptions(ocr_thorough=True), textRedactionMode="REDACT_ALL_TEXT")
    assert plan is not None
    assert plan.thorough


@pytest.mark.parametrize("mode", ["REDACT_NO_TEXT", "TEXT_REDACTION_MODE_UNSPECIFIED"])
def test_custom_regexes_are_redacted_without_a_mode_too(mode: str) -> None:
    plan = compiled("v1", textRedactionMode=mode, customRegexes=[{"pattern": "LAB-[0-9]+"}])
    assert plan is not None
    assert plan.mode == "sensitive"
    assert not plan.info_types
    assert [(custom.pattern, custom.groups) for custom in plan.custom] == [("LAB-[0-9]+", (0,))]


def test_group_indexes_choose_groups() -> None:
    plan = compiled(customRegexes=[{"pattern": "(a)(b)(c)", "group_indexes": [3, "1", 1]}])
    assert plan is not None
    assert plan.custom[0].groups == (1, 3)


@pytest.mark.parametrize("index", [2, -1, "x", 1.5, True, 2**31])
def test_a_group_index_the_pattern_does_not_have_is_refused(index: object) -> None:
    error = refused(customRegexes=[{"pattern": "(a)b", "groupIndexes": [index]}])
    assert error.json_path.startswith("$.image.customRegexes[0].groupIndexes")


@pytest.mark.parametrize("item", [{}, {"pattern": ""}, {"pattern": 4}, {"groupIndexes": [0]}, "a", {"regex": "a"}])
def test_a_custom_regex_without_a_pattern_is_refused(item: object) -> None:
    assert refused(customRegexes=[item]).json_path.startswith("$.image.customRegexes[0]")


def test_a_pattern_that_re2_does_not_have_is_refused() -> None:
    assert refused(customRegexes=[{"pattern": "(?=a)b"}]).json_path == "$.image.customRegexes[0].pattern"


def test_plans_can_be_sent_to_other_processes() -> None:
    plan = compiled(textRedactionMode=CLEAN, customRegexes=[{"pattern": "(a)b", "groupIndexes": [1]}])
    assert pickle.loads(pickle.dumps(plan)) == plan


@pytest.mark.parametrize("missing", ["rapidocr.main", "onnxruntime", "cv2"])
def test_redaction_is_refused_when_a_package_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    error = refused("v1", textRedactionMode="REDACT_ALL_TEXT")
    assert error.json_path == "$.image.textRedactionMode"
    assert "requirements/pixels.txt" in error.message


def test_the_path_is_that_of_the_list_when_no_mode_asks_for_redaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert refused(customRegexes=[{"pattern": "a"}]).json_path == "$.image.customRegexes"


def test_nothing_is_needed_when_nothing_is_redacted() -> None:
    program = """
import sys
sys.modules.update(dict.fromkeys(["rapidocr", "onnxruntime", "cv2"]))
from emulator.deidentify.errors import ConfigError
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.config import compile_image

def compiled(mode):
    parent = Fields({"image": {"textRedactionMode": mode}}, "$", ["image"])
    return compile_image(parent, "image", "v1", EngineOptions())

assert compiled("REDACT_NO_TEXT") is None
try:
    compiled("REDACT_ALL_TEXT")
except ConfigError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("$.image.textRedactionMode: needs the packages")
