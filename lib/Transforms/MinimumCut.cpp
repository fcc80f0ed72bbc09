// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MinimumCut.h"
#include <algorithm>

using namespace quantc;

unsigned MinimumCut::addNode() {
  edgesOf.emplace_back();
  return edgesOf.size() - 3;
}

void MinimumCut::connect(unsigned from, unsigned to, int64_t capacity) {
  if (capacity == 0 || from == to)
    return;
  edgesOf[from].push_back(edges.size());
  edges.push_back({to, capacity});
  edgesOf[to].push_back(edges.size());
  edges.push_back({from, 0});
}

void MinimumCut::addCosts(unsigned node, int64_t onFirst, int64_t onSecond) {
  connect(node + 2, second, onFirst);
  connect(first, node + 2, onSecond);
}

void MinimumCut::addEdge(unsigned from, unsigned to, int64_t cost) {
  connect(from + 2, to + 2, cost);
}

namespace {

/// One computation of a maximum flow, in the capacities that it leaves.
template <typename Edges, typename EdgesOf> struct Dinic {
  Edges edges;
  const EdgesOf &edgesOf;
  std::vector<unsigned> level, next;

  /// Nodes by their distance from the source; false if the sink is cut off.
  bool layer(unsigned source, unsigned sink) {
    level.assign(edgesOf.size(), 0);
    level[source] = 1;
    std::vector<unsigned> queue{source};
    for (size_t i = 0; i < queue.size(); ++i)
      for (unsigned index : edgesOf[queue[i]])
        if (const auto &edge = edges[index];
            edge.capacity > 0 && level[edge.to] == 0) {
          level[edge.to] = level[queue[i]] + 1;
          queue.push_back(edge.to);
        }
    return level[sink] != 0;
  }

  /// Pushes flow along one path of the layers; what came through. Paths have
  /// at most as many nodes as the graph, which are kept on a stack of our own.
  int64_t push(unsigned source, unsigned sink) {
    std::vector<unsigned> path; // edges
    unsigned node = source;
    while (node != sink) {
      unsigned &i = next[node];
      while (i < edgesOf[node].size()) {
        const auto &edge = edges[edgesOf[node][i]];
        if (edge.capacity > 0 && level[edge.to] == level[node] + 1)
          break;
        ++i;
      }
      if (i < edgesOf[node].size()) {
        path.push_back(edgesOf[node][i]);
        node = edges[path.back()].to;
        continue;
      }
      if (path.empty())
        return 0;
      // A dead end: back, and not here again.
      node = edges[path.back() ^ 1].to;
      path.pop_back();
      ++next[node];
    }
    int64_t flow = edges[path.front()].capacity;
    for (unsigned index : path)
      flow = std::min(flow, edges[index].capacity);
    for (unsigned index : path) {
      edges[index].capacity -= flow;
      edges[index ^ 1].capacity += flow;
    }
    return flow;
  }
};

} // namespace

MinimumCut::Result MinimumCut::solve() const {
  Dinic<std::vector<Edge>, std::vector<std::vector<unsigned>>> dinic{
      edges, edgesOf, {}, {}};
  Result result{0, std::vector<bool>(edgesOf.size() - 2, true)};
  while (dinic.layer(first, second)) {
    dinic.next.assign(edgesOf.size(), 0);
    while (int64_t flow = dinic.push(first, second)) {
      result.cost += flow;
      // Cheaper than `never` it won't be; and sums stay in range.
      if (result.cost >= never)
        return result;
    }
  }
  // On the second side is only what can still reach it.
  std::vector<bool> reaches(edgesOf.size());
  reaches[second] = true;
  std::vector<unsigned> queue{second};
  for (size_t i = 0; i < queue.size(); ++i)
    for (unsigned index : edgesOf[queue[i]])
      if (unsigned from = dinic.edges[index].to;
          dinic.edges[index ^ 1].capacity > 0 && !reaches[from]) {
        reaches[from] = true;
        queue.push_back(from);
      }
  for (size_t node = 2; node < edgesOf.size(); ++node)
    result.isFirst[node - 2] = !reaches[node];
  return result;
}

int64_t MinimumCut::getCost(const std::vector<bool> &isFirst) const {
  auto isOnFirst = [&](unsigned node) {
    return node == first || (node != second && isFirst[node - 2]);
  };
  int64_t cost = 0;
  for (size_t i = 0; i < edges.size() && cost < never; i += 2)
    if (isOnFirst(edges[i + 1].to) && !isOnFirst(edges[i].to))
      cost += edges[i].capacity;
  return cost;
}
