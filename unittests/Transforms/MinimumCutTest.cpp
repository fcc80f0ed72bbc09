// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MinimumCut.h"
#include "gtest/gtest.h"
#include <limits>
#include <random>

using namespace quantc;

namespace {

struct Costs {
  int64_t first, second;
};
struct Edge {
  unsigned from, to;
  int64_t cost;
};

int64_t evaluate(const std::vector<Costs> &nodes,
                 const std::vector<Edge> &edges, unsigned firsts) {
  auto isFirst = [&](unsigned node) { return firsts >> node & 1; };
  int64_t sum = 0;
  for (unsigned i = 0; i < nodes.size(); ++i)
    sum += isFirst(i) ? nodes[i].first : nodes[i].second;
  for (const Edge &edge : edges)
    if (isFirst(edge.from) && !isFirst(edge.to))
      sum += edge.cost;
  return sum;
}

MinimumCut makeGraph(const std::vector<Costs> &nodes,
                     const std::vector<Edge> &edges) {
  MinimumCut graph(nodes.size());
  for (unsigned i = 0; i < nodes.size(); ++i)
    graph.addCosts(i, nodes[i].first, nodes[i].second);
  for (const Edge &edge : edges)
    graph.addEdge(edge.from, edge.to, edge.cost);
  return graph;
}

// Every parting of small graphs; small costs, so that ties are frequent.
TEST(MinimumCut, AgreesWithAllPartings) {
  std::mt19937 random(1);
  auto draw = [&](int64_t bound) { return int64_t(random() % bound); };
  for (int i = 0; i < 3000; ++i) {
    std::vector<Costs> nodes(1 + draw(9));
    std::vector<Edge> edges(draw(25));
    for (Costs &costs : nodes) {
      costs = {draw(7), draw(7)};
      if (draw(8) == 0)
        costs.first = MinimumCut::never;
      else if (draw(8) == 0)
        costs.second = MinimumCut::never;
    }
    for (Edge &edge : edges)
      edge = {unsigned(draw(nodes.size())), unsigned(draw(nodes.size())),
              draw(6) == 0 ? MinimumCut::never : draw(5)};

    int64_t best = std::numeric_limits<int64_t>::max();
    unsigned inAnyBest = 0;
    for (unsigned firsts = 0; firsts < 1u << nodes.size(); ++firsts) {
      int64_t cost = evaluate(nodes, edges, firsts);
      if (cost < best)
        inAnyBest = 0;
      if (cost <= best)
        inAnyBest |= firsts;
      best = std::min(best, cost);
    }
    MinimumCut graph = makeGraph(nodes, edges);
    MinimumCut::Result result = graph.solve();
    if (best >= MinimumCut::never) {
      EXPECT_GE(result.cost, MinimumCut::never);
      continue;
    }
    EXPECT_EQ(result.cost, best);
    EXPECT_EQ(graph.getCost(result.isFirst), best);
    unsigned firsts = 0;
    for (unsigned node = 0; node < nodes.size(); ++node)
      firsts |= unsigned(result.isFirst[node]) << node;
    EXPECT_EQ(firsts, inAnyBest) << "graph " << i;
  }
}

TEST(MinimumCut, WithoutNodes) {
  MinimumCut::Result result = MinimumCut().solve();
  EXPECT_EQ(result.cost, 0);
  EXPECT_TRUE(result.isFirst.empty());
}

// A chain as long as no model is: no recursion, and quickly.
TEST(MinimumCut, LongChain) {
  constexpr unsigned length = 2000;
  MinimumCut graph;
  for (unsigned i = 0; i < length; ++i) {
    EXPECT_EQ(graph.addNode(), i);
    graph.addCosts(i, 1, 0);
    if (i > 0)
      graph.addEdge(i - 1, i, MinimumCut::never);
  }
  graph.addCosts(0, 0, MinimumCut::never);
  MinimumCut::Result result = graph.solve();
  EXPECT_EQ(result.cost, length);
  EXPECT_TRUE(result.isFirst.back());
}

} // namespace
