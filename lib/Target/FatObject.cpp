// Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "quantc/Target/FatObject.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Module.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/ConstantMerge.h"

using namespace llvm;

namespace quantc {

TargetSpec getBaseline(const TargetSpec &target) {
  bool isX86 = Triple(target.triple).getArch() == Triple::x86_64;
  return {target.triple, isX86 ? "x86-64" : "generic", ""};
}

//===----------------------------------------------------------------------===//
// Questions to the processor
//===----------------------------------------------------------------------===//

namespace {

/// Emits code that reads what a processor says about itself, each word once.
class Questions {
public:
  Questions(IRBuilder<> &builder, Triple::ArchType arch)
      : builder(builder), isX86(arch == Triple::x86_64) {}

  /// Whether the processor has them all, and the system saves their registers.
  Value *hasAll(ArrayRef<const CpuFeature *> features) {
    Value *result = builder.getTrue();
    uint32_t xcr0 = 0;
    for (const CpuFeature *feature : features) {
      Value *word = read(feature->word);
      Type *type = word->getType();
      Value *field =
          builder.CreateAnd(builder.CreateLShr(word, feature->shift),
                            ConstantInt::get(type, (1u << feature->width) - 1));
      result = builder.CreateAnd(
          result, builder.CreateICmpUGE(
                      field, ConstantInt::get(type, feature->minimum)));
      xcr0 |= feature->xcr0;
    }
    if (!xcr0)
      return result;
    Value *saved = builder.CreateAnd(readXcr0(), xcr0);
    return builder.CreateAnd(
        result, builder.CreateICmpEQ(saved, builder.getInt32(xcr0)));
  }

private:
  Value *read(const CpuWord &word) {
    for (auto &[known, value] : words)
      if (known == word)
        return value;
    Value *value = isX86 ? readCpuid(word) : readRegister(word.idRegister);
    words.push_back({word, value});
    return value;
  }

  Value *readRegister(StringRef name) {
    auto *type = FunctionType::get(builder.getInt64Ty(), false);
    return builder.CreateCall(InlineAsm::get(type, ("mrs $0, " + name).str(),
                                             "=r",
                                             /*hasSideEffects=*/true));
  }

  /// {eax, ebx, ecx, edx}
  Value *cpuid(uint32_t leaf, uint32_t subleaf) {
    Value *&results = leaves[{leaf, subleaf}];
    if (results)
      return results;
    Type *i32 = builder.getInt32Ty();
    auto *type = FunctionType::get(StructType::get(i32, i32, i32, i32),
                                   {i32, i32}, false);
    return results = builder.CreateCall(
               InlineAsm::get(type, "cpuid",
                              "={ax},={bx},={cx},={dx},{ax},{cx}",
                              /*hasSideEffects=*/true),
               {builder.getInt32(leaf), builder.getInt32(subleaf)});
  }

  /// A leaf beyond the last would answer as another does.
  Value *readCpuid(const CpuWord &word) {
    constexpr uint32_t kindOfLeaf = 0x80000000;
    Value *last =
        builder.CreateExtractValue(cpuid(word.leaf & kindOfLeaf, 0), 0);
    Value *value =
        builder.CreateExtractValue(cpuid(word.leaf, word.subleaf), word.result);
    return builder.CreateSelect(
        builder.CreateICmpUGE(last, builder.getInt32(word.leaf)), value,
        builder.getInt32(0));
  }

  /// XGETBV is there where the system says that it uses XCR0 (OSXSAVE).
  Value *readXcr0() {
    if (xcr0)
      return xcr0;
    Value *leaf1 = read({1, 0, 2});
    Value *isUsed = builder.CreateICmpNE(builder.CreateAnd(leaf1, 1u << 27),
                                         builder.getInt32(0));
    LLVMContext &context = builder.getContext();
    BasicBlock *before = builder.GetInsertBlock();
    Function *function = before->getParent();
    auto *asking = BasicBlock::Create(context, "xgetbv", function);
    auto *after = BasicBlock::Create(context, "saved", function);
    builder.CreateCondBr(isUsed, asking, after);
    builder.SetInsertPoint(asking);
    Type *i32 = builder.getInt32Ty();
    auto *type = FunctionType::get(StructType::get(i32, i32), {i32}, false);
    Value *asked = builder.CreateExtractValue(
        builder.CreateCall(InlineAsm::get(type, "xgetbv", "={ax},={dx},{cx}",
                                          /*hasSideEffects=*/true),
                           builder.getInt32(0)),
        0);
    builder.CreateBr(after);
    builder.SetInsertPoint(after);
    PHINode *phi = builder.CreatePHI(i32, 2);
    phi->addIncoming(builder.getInt32(0), before);
    phi->addIncoming(asked, asking);
    return xcr0 = phi;
  }

  IRBuilder<> &builder;
  bool isX86;
  SmallVector<std::pair<CpuWord, Value *>> words;
  MapVector<std::pair<uint32_t, uint32_t>, Value *> leaves;
  Value *xcr0 = nullptr;
};

//===----------------------------------------------------------------------===//
// The dispatcher
//===----------------------------------------------------------------------===//

/// Builds a module with NAME_run and NAME_variant, which refer to the entry
/// points of the variants.
class Dispatcher {
public:
  Dispatcher(Module &module, const ModelInterface &interface)
      : module(module), interface(interface), builder(module.getContext()) {}

  void build() {
    buildSelect();
    buildRun();
    buildVariant();
  }

private:
  Type *pointer() { return builder.getPtrTy(); }

  Function *begin(StringRef suffix, FunctionType *type,
                  GlobalValue::LinkageTypes linkage) {
    auto *function = Function::Create(
        type, linkage, interface.name + "_" + suffix.str(), module);
    function->setDoesNotThrow();
    builder.SetInsertPoint(
        BasicBlock::Create(module.getContext(), "entry", function));
    return function;
  }

  /// The number of the variant: 1 for the first, one too many for none. Zero in
  /// the variable means that nobody has asked yet; all who do find the same.
  void buildSelect() {
    Type *i32 = builder.getInt32Ty();
    choice = new GlobalVariable(
        module, i32, /*isConstant=*/false, GlobalValue::InternalLinkage,
        builder.getInt32(0), interface.name + "_choice");
    Function *ask = begin("ask", FunctionType::get(i32, false),
                          GlobalValue::InternalLinkage);
    ask->addFnAttr(Attribute::NoInline);
    ask->addFnAttr(Attribute::Cold);
    Questions questions(builder, Triple(interface.target.triple).getArch());
    SmallVector<Value *> fits;
    for (const Variant &variant : interface.variants)
      fits.push_back(questions.hasAll(variant.target.getNeededFeatures()));
    Value *number = builder.getInt32(fits.size() + 1);
    for (size_t i = fits.size(); i-- > 0;)
      number = builder.CreateSelect(fits[i], builder.getInt32(i + 1), number);
    builder.CreateStore(number, choice)->setAtomic(AtomicOrdering::Monotonic);
    builder.CreateRet(number);

    select = begin("select", FunctionType::get(i32, false),
                   GlobalValue::InternalLinkage);
    auto *unknown = BasicBlock::Create(module.getContext(), "unknown", select);
    auto *known = BasicBlock::Create(module.getContext(), "known", select);
    LoadInst *load = builder.CreateLoad(i32, choice);
    load->setAtomic(AtomicOrdering::Monotonic);
    builder.CreateCondBr(builder.CreateICmpEQ(load, builder.getInt32(0)),
                         unknown, known);
    builder.SetInsertPoint(unknown);
    builder.CreateRet(builder.CreateCall(ask));
    builder.SetInsertPoint(known);
    builder.CreateRet(load);
  }

  void buildRun() {
    Type *i32 = builder.getInt32Ty();
    auto *type = FunctionType::get(
        i32, {pointer(), pointer(), pointer(), pointer()}, false);
    Function *run = begin("run", type, GlobalValue::ExternalLinkage);
    SmallVector<Value *> arguments;
    for (Argument &argument : run->args())
      arguments.push_back(&argument);
    auto *none = BasicBlock::Create(module.getContext(), "none", run);
    SwitchInst *choose = builder.CreateSwitch(builder.CreateCall(select), none);
    for (auto [i, variant] : enumerate(interface.variants)) {
      auto *block = BasicBlock::Create(module.getContext(), "variant", run);
      choose->addCase(builder.getInt32(i + 1), block);
      builder.SetInsertPoint(block);
      auto *entry = Function::Create(type, GlobalValue::ExternalLinkage,
                                     getEntryName(variant), module);
      entry->setVisibility(GlobalValue::HiddenVisibility);
      CallInst *call = builder.CreateCall(entry, arguments);
      call->setTailCall();
      builder.CreateRet(call);
    }
    builder.SetInsertPoint(none);
    builder.CreateRet(builder.getInt32(noVariantCode));
  }

  void buildVariant() {
    begin("variant", FunctionType::get(pointer(), false),
          GlobalValue::ExternalLinkage);
    Value *number = builder.CreateCall(select);
    Value *result = ConstantPointerNull::get(builder.getPtrTy());
    for (auto [i, variant] : enumerate(interface.variants)) {
      Constant *text = builder.CreateGlobalString(variant.name, "variant_name");
      result = builder.CreateSelect(
          builder.CreateICmpEQ(number, builder.getInt32(i + 1)), text, result);
    }
    builder.CreateRet(result);
  }

  std::string getEntryName(const Variant &variant) {
    return interface.name + "_run." + variant.name;
  }

  Module &module;
  const ModelInterface &interface;
  IRBuilder<> builder;
  GlobalVariable *choice = nullptr;
  Function *select = nullptr;
};

} // namespace

/// Symbols say whose they are; the entry point is found by the dispatcher.
static void rename(Module &module, StringRef variant) {
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.setName(function.getName() + "." + variant);
    if (function.hasExternalLinkage())
      function.setVisibility(GlobalValue::HiddenVisibility);
  }
  // Nobody compares their addresses.
  for (GlobalVariable &global : module.globals())
    if (global.isConstant() && global.hasLocalLinkage())
      global.setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
}

std::unique_ptr<Module>
linkVariants(std::vector<std::unique_ptr<Module>> modules,
             const ModelInterface &interface, TargetMachine &machine) {
  auto result =
      std::make_unique<Module>(interface.name, modules.front()->getContext());
  result->setSourceFileName(interface.name);
  result->setTargetTriple(machine.getTargetTriple());
  result->setDataLayout(machine.createDataLayout());
  Dispatcher(*result, interface).build();
  setFunctionAttributes(*result, machine);
  optimize(*result, machine);
  embedInterface(*result, interface);

  Linker linker(*result);
  for (auto [module, variant] : zip_equal(modules, interface.variants)) {
    rename(*module, variant.name);
    if (linker.linkInModule(std::move(module)))
      report_fatal_error("modules of one compiler can't be linked");
  }
  for (Function &function : *result)
    if (function.hasHiddenVisibility()) {
      function.setVisibility(GlobalValue::DefaultVisibility);
      function.setLinkage(GlobalValue::InternalLinkage);
    }
  ModuleAnalysisManager analyses;
  ConstantMergePass().run(*result, analyses);
  return result;
}

} // namespace quantc
