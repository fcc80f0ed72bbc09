// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include "quantc/Execution/Evaluation.h"
#include "quantc/Support/OutputFile.h"

using namespace llvm;

namespace quantc::tool {

/// The number of the output that "[NAME=]FILE" asks for; a .npz has all.
static Expected<size_t> findOutput(StringRef wanted, StringRef path,
                                   const ModelInterface &interface) {
  ArrayRef<TensorInterface> all = interface.outputs;
  if (path.ends_with(".npz") || (wanted.empty() && all.size() == 1))
    return 0;
  const TensorInterface *found =
      find_if(all, [&](const TensorInterface &t) { return t.name == wanted; });
  if (found != all.end())
    return found - all.begin();
  std::string names = join(map_range(all,
                                     [](const TensorInterface &tensor) {
                                       return "'" + tensor.name + "'";
                                     }),
                           ", ");
  if (wanted.empty())
    return createStringError("'" + path +
                             "': say which output it is for, NAME=FILE, or "
                             "give a .npz; the model has " +
                             names);
  return createStringError("the model has no output '" + wanted + "', but " +
                           names);
}

Error runRun() {
  if (inputs.empty() || outputs.empty())
    return createStringError("give --input and --output");
  std::vector<std::string> paths;
  for (StringRef binding : outputs)
    paths.push_back(splitBinding(binding).second.str());
  if (Error error = checkOutputs(paths))
    return error;
  Driver driver;
  auto check = [](const ModelInterface &interface) -> Error {
    for (StringRef binding : outputs) {
      auto [wanted, path] = splitBinding(binding);
      if (Error error = findOutput(wanted, path, interface).takeError())
        return error;
    }
    if (integerIO)
      return Error::success();
    return SampleReader::open(inputs, interface).takeError();
  };
  auto model = driver.loadCompiled(check);
  if (!model)
    return model.takeError();
  auto pool = makePool();
  if (!pool)
    return pool.takeError();
  model->useThreads(std::move(*pool));
  auto samples = SampleReader::open(inputs, model->getInterface());
  if (!samples)
    return samples.takeError();
  auto arrays = runModel(*model, *samples, driver.getProgress());
  if (!arrays)
    return arrays.takeError();
  driver.clearProgress();
  for (StringRef binding : outputs) {
    auto [wanted, path] = splitBinding(binding);
    if (path.ends_with(".npz")) {
      if (Error error = writeNpz(path, *arrays))
        return error;
      continue;
    }
    auto index = findOutput(wanted, path, model->getInterface());
    if (!index)
      return index.takeError();
    if (Error error = writeNpy(path, (*arrays)[*index]))
      return error;
  }
  return Error::success();
}

} // namespace quantc::tool
