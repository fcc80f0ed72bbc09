// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command line before LLVM's parser sees it. That parser prints some
// complaints itself and hands others back; here each mistake has one message.

#include "Driver.h"
#include "quantc/Support/Suggestion.h"
#include <cmath>

using namespace llvm;

namespace quantc::tool {

std::vector<std::string> repeatListOptions(ArrayRef<const char *> argv) {
  static constexpr StringLiteral lists[] = {"data", "input", "inputs"};
  std::vector<std::string> arguments;
  StringRef list;
  bool wantsValue = false;
  for (StringRef argument : argv) {
    StringRef option = argument;
    bool isOption = option.consume_front("--") || option.consume_front("-");
    if (isOption) {
      StringRef key = option.split('=').first;
      list = is_contained(lists, key) ? key : StringRef();
      wantsValue = !list.empty() && !option.contains('=');
    } else if (wantsValue) {
      wantsValue = false;
    } else if (!list.empty() &&
               (argument.ends_with(".npy") || argument.ends_with(".npz"))) {
      arguments.push_back(("--" + list).str());
    } else {
      list = StringRef();
    }
    arguments.push_back(argument.str());
  }
  return arguments;
}

static std::string joinNames(ArrayRef<StringRef> names) {
  std::string text = names.front().str();
  for (StringRef name : names.drop_front())
    text += (name == names.back() ? " and " : ", ") + name.str();
  return text;
}

/// What is wrong with an option that `command` doesn't have.
static Error describeUnknown(StringRef name, cl::SubCommand &command,
                             ArrayRef<cl::SubCommand *> commands) {
  SmallVector<StringRef> owners, known;
  for (cl::SubCommand *other : commands)
    if (cl::getRegisteredOptions(*other).contains(name))
      owners.push_back(other->getName());
  std::string text;
  if (!owners.empty()) {
    text = "--" + name.str() + " is an option of " + joinNames(owners) +
           ", not of " + command.getName().str();
  } else {
    for (const auto &entry : cl::getRegisteredOptions(command))
      if (entry.second->getOptionHiddenFlag() == cl::NotHidden)
        known.push_back(entry.first);
    llvm::sort(known); // a hash table's order is none
    text = command.getName().str() + " has no option --" + name.str();
    if (StringRef nearest = findNearest(name, known); !nearest.empty())
      text += "; did you mean " +
              std::string(nearest.size() == 1 ? "-" : "--") + nearest.str() +
              "?";
  }
  if (name == "output" && &command == &compileCommand)
    text += "; a file to write is -o";
  text += text.back() == '?' ? " See" : "; see";
  return createStringError(text + " 'quantc " + command.getName() + " --help'");
}

/// Why `value` isn't one for the option, as the end of a sentence; else null.
static const char *findFault(const cl::Option *option, StringRef value) {
  int64_t integer;
  double number;
  if (option == &batch || option == std::addressof(threads)) {
    SmallVector<StringRef> parts{value};
    if (option != &batch) {
      parts.clear();
      value.split(parts, ',');
    }
    if (any_of(parts, [&](StringRef p) { return p.getAsInteger(0, integer); }))
      return "takes a whole number";
  } else if (option == &seconds) {
    if (value.getAsDouble(number) || !std::isfinite(number) || number < 0)
      return "takes a number, 0 or more";
  } else if (option == &only) {
    if (value != "weights" && value != "activations")
      return "is weights or activations";
  }
  return nullptr;
}

Error checkArguments(cl::SubCommand &command,
                     ArrayRef<cl::SubCommand *> commands,
                     ArrayRef<std::string> arguments) {
  const auto &options = cl::getRegisteredOptions(command);
  SmallVector<StringRef> positional;
  while (!arguments.empty()) {
    StringRef argument = arguments.front();
    arguments = arguments.drop_front();
    if (argument == "--") {
      positional.append(arguments.begin(), arguments.end());
      break;
    }
    StringRef text = argument;
    if (!text.consume_front("-") || text.empty()) {
      positional.push_back(argument);
      continue;
    }
    text.consume_front("-");
    auto [name, value] = text.split('=');
    bool hasValue = text.contains('=');
    const cl::Option *option = options.lookup(name);
    if (!option)
      return describeUnknown(name, command, commands);
    std::string shown = (name.size() == 1 ? "-" : "--") + name.str();
    if (option->getValueExpectedFlag() != cl::ValueRequired) {
      if (hasValue)
        return createStringError(shown + " takes no value, such as '" + value +
                                 "'");
      continue;
    }
    if (!hasValue) {
      if (arguments.empty())
        return createStringError(shown + " needs a value");
      value = arguments.front();
      arguments = arguments.drop_front();
    }
    if (const char *fault = findFault(option, value))
      return createStringError(shown + " " + fault + ", not '" + value + "'");
  }
  if (&command != &mergeCommand && positional.size() > 1)
    return createStringError("there is one model, '" + positional[0] +
                             "', so what is '" + positional[1] + "'? See '" +
                             "quantc " + command.getName() + " --help'");
  return Error::success();
}

} // namespace quantc::tool
