"""Small graph algorithms: connected parts, strongly connected components, reachability (floor 1)."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def connected_parts(count: int, edges: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The connected parts of 0..count-1 under undirected edges.

    >>> connected_parts(4, [(0, 2)])
    [[0, 2], [1], [3]]
    """
    leader = list(range(count))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    for i, j in edges:
        a, b = find(i), find(j)
        leader[max(a, b)] = min(a, b)
    parts: dict[int, list[int]] = {}
    for i in range(count):
        parts.setdefault(find(i), []).append(i)
    return list(parts.values())


def strong_components(nodes: Sequence[Node], successors: Mapping[Node, Iterable[Node]]) -> list[tuple[Node, ...]]:
    """Strongly connected components, each after those that it points to (Tarjan, without recursion).

    >>> strong_components("abc", {"a": "b", "b": "c", "c": "b"})
    [('c', 'b'), ('a',)]
    """
    order: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    found: list[tuple[Node, ...]] = []
    for root in nodes:
        if root in order:
            continue
        work = [(root, iter(successors.get(root, ())))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for child in rest:
                if child not in order:
                    order[child] = low[child] = len(order)
                    stack.append(child)
                    on_stack.add(child)
                    work.append((child, iter(successors.get(child, ()))))
                    break
                if child in on_stack:
                    low[node] = min(low[node], order[child])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    component: list[Node] = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    found.append(tuple(component))
    return found


def reachable(starts: Iterable[Node], successors: Mapping[Node, Collection[Node]]) -> set[Node]:
    """Everything that can be reached from ``starts``, these included."""
    seen = set(starts)
    pending = list(seen)
    while pending:
        for child in successors.get(pending.pop(), ()):
            if child not in seen:
                seen.add(child)
                pending.append(child)
    return seen
