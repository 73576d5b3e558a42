"""YAML as people mean it: `on`, `off`, `yes` and `no` are words, and a key written twice is an error.

Everything that people declare, policy, contracts and sources, is read through here.
"""

from __future__ import annotations

from typing import Any

import yaml


class _PlainLoader(yaml.SafeLoader):
    """PyYAML follows YAML 1.1, where `on:` is the key True; this follows 1.2 in that."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _mapping(loader: _PlainLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    repeated = sorted({str(key) for key in keys if keys.count(key) > 1})
    if repeated:
        raise yaml.YAMLError(f"line {node.start_mark.line + 1}: {', '.join(repeated)} is written twice")
    return loader.construct_mapping(node, deep=True)


_PlainLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(text: str) -> Any:
    """The content of a YAML text; yaml.YAMLError says where it is not YAML or a key comes twice."""
    return yaml.load(text, Loader=_PlainLoader)
