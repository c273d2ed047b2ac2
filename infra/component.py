"""What all components share: their type, their children's options, names and tags."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from infra.settings import StackSettings


class Component(pulumi.ComponentResource):
    """A group of resources with one purpose: made from (name, settings, args, opts), read through typed properties.

    A subclass names its resources with `name_of`, tags them with `tags`, and gives each `child()` options; it ends
    its constructor with `register_outputs`.
    """

    def __init__(
        self, kind: str, name: str, settings: StackSettings, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"valletta:{kind}", name, None, opts)
        self.settings = settings
        self._name = name

    def name_of(self, part: str) -> str:
        """The physical name of a part, such as `valletta-staging-network-flow`."""
        return f"{self.settings.prefix}-{self._name}-{part}"

    def child_name(self, part: str) -> str:
        """The name of a part within the program, such as `network-flow`."""
        return f"{self._name}-{part}"

    def tags(self, part: str) -> dict[str, str]:
        """The stack's tags with the part's name, and the component's for the bill; all taggable children have them."""
        return self.settings.tags(**{"Name": self.name_of(part), "valletta:component": self._name})

    def child(
        self,
        *,
        depends_on: Sequence[pulumi.Resource] = (),
        ignore_changes: Sequence[str] = (),
        parent: pulumi.Resource | None = None,
        provider: pulumi.ProviderResource | None = None,
        delete_before_replace: bool | None = None,
    ) -> pulumi.ResourceOptions:
        """The options of a child: this component is its parent, from which it takes its provider."""
        return pulumi.ResourceOptions(
            parent=parent or self,
            provider=provider,
            depends_on=list(depends_on),
            ignore_changes=list(ignore_changes) or None,
            delete_before_replace=delete_before_replace,
        )

    def record_child(
        self,
        *,
        depends_on: Sequence[pulumi.Resource] = (),
        ignore_changes: Sequence[str] = (),
        provider: pulumi.ProviderResource | None = None,
    ) -> pulumi.ResourceOptions:
        """The options of a child that holds records or what makes them readable.

        Where the stack keeps records it is protected: Pulumi refuses to delete or replace it, and leaves it in AWS
        should it ever leave the program.
        """
        options = self.child(depends_on=depends_on, ignore_changes=ignore_changes, provider=provider)
        options.protect = self.settings.keeps_records
        options.retain_on_delete = self.settings.keeps_records
        return options
