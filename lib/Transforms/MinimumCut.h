// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The cheapest way to part things in two, where some cost more on the one
// side than on the other, and others shouldn't be parted.

#ifndef QUANTC_LIB_TRANSFORMS_MINIMUMCUT_H
#define QUANTC_LIB_TRANSFORMS_MINIMUMCUT_H

#include <cstdint>
#include <vector>

namespace quantc {

/// A minimum cut between a first and a second side, exact, by Dinic's maximum
/// flow (Dinic, 1970): O(nodes² · edges), in practice close to linear here.
class MinimumCut {
public:
  /// More than any sum of costs, itself added up without overflow.
  static constexpr int64_t never = int64_t(1) << 50;

  MinimumCut() : MinimumCut(0) {}
  explicit MinimumCut(unsigned nodes) : edgesOf(nodes + 2) {}

  /// The new node's number; they count from 0.
  unsigned addNode();
  /// Costs of the node on the first and on the second side, 0 … never.
  void addCosts(unsigned node, int64_t first, int64_t second);
  /// What it costs if `from` is on the first side and `to` on the second.
  void addEdge(unsigned from, unsigned to, int64_t cost);

  struct Result {
    /// `never` or more: impossible.
    int64_t cost;
    std::vector<bool> isFirst;
  };
  /// Of all cheapest partings the one with the most nodes on the first side
  /// (which holds all that any of them has there).
  Result solve() const;
  /// What that parting costs.
  int64_t getCost(const std::vector<bool> &isFirst) const;

private:
  struct Edge {
    unsigned to;
    int64_t capacity;
  };
  void connect(unsigned from, unsigned to, int64_t capacity);

  static constexpr unsigned first = 0, second = 1;
  /// Edge i and its reverse i ^ 1, by numbers of nodes plus 2.
  std::vector<Edge> edges;
  std::vector<std::vector<unsigned>> edgesOf;
};

} // namespace quantc

#endif // QUANTC_LIB_TRANSFORMS_MINIMUMCUT_H
