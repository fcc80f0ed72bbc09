// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include "quantc/Execution/Evaluation.h"
#include "quantc/Support/OutputFile.h"

using namespace llvm;

namespace quantc::tool {

/// The array that "[NAME=]FILE" asks for.
static Expected<const Array *> findOutput(StringRef wanted, StringRef path,
                                          ArrayRef<Array> arrays) {
  if (wanted.empty() && arrays.size() == 1)
    return &arrays.front();
  for (const Array &array : arrays)
    if (array.name == wanted)
      return &array;
  std::string names =
      join(map_range(arrays,
                     [](const Array &array) { return "'" + array.name + "'"; }),
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
  auto model = driver.loadCompiled();
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
    auto array = findOutput(wanted, path, *arrays);
    if (!array)
      return array.takeError();
    if (Error error = writeNpy(path, **array))
      return error;
  }
  return Error::success();
}

} // namespace quantc::tool
