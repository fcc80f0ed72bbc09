# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Figures as tables and plots."""

HEADER = ("| | | median ms | min ms | of quantc's | of peak | SQNR dB | MB memory | MB artifact | ms to first result |\n"
          "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
COLUMNS = 8  # of figures
PLOTTED = 6  # times the fastest: how long bars get


def peak_share(row, result, peaks):
    """Share of the machine's peak for the arithmetic of the row, on as many threads."""
    peak = peaks.get(row["configuration"].split()[0])
    if not peak or not result["macs"]:
        return None
    return result["macs"] / (row["median_ns"] * 1e-9) / (peak["macs_per_s"] * result["threads"])


def ours(result):
    """quantc's median, that others are divided by: in int8, with its default requantization."""
    return next((row["median_ns"] for row in result["rows"] if row["runtime"] == "quantc"
                 and row["configuration"] == "int8" and "error" not in row), None)


def line(row, result, peaks):
    configuration = row["configuration"] + (", noisier" if row.get("noisier") else "")
    name = f"| {row['runtime']}{' ' + row['version'] if row.get('version') else ''} | {configuration} |"
    if "error" in row:
        message = row["error"].replace("|", "\\|")
        return f"{name} {message} |" + " |" * (COLUMNS - 1)
    base, share = ours(result), peak_share(row, result, peaks)
    figures = [f"{row['median_ns'] / 1e6:.3f}", f"{row['minimum_ns'] / 1e6:.3f}",
               f"{row['median_ns'] / base:.2f}" if base else "", f"{share:.0%}" if share else "",
               f"{row['sqnr_db']:.0f}", f"{row['memory_bytes'] / 1e6:.1f}", f"{row['artifact_bytes'] / 1e6:.2f}",
               f"{row['first_ns'] / 1e6:.1f}"]
    return f"{name} {' | '.join(figures)} |"


def table(result, peaks):
    threads = "1 thread" if result["threads"] == 1 else f"{result['threads']} threads"
    lines = [line(row, result, peaks) for row in result["rows"]]
    load = max(result["load"], default=0)
    return (f"\n### {result['model']}, {threads}\n\n{result['macs'] / 1e6:.1f} million multiply-adds; load of the machine "
            f"up to {load:.1f}\n\n{HEADER}" + "\n".join(lines))


def find(result, runtime, configuration):
    """The row of quantc's, or the fastest of another runtime's, with an arithmetic; None if it didn't run."""
    rows = [row for row in result["rows"] if "error" not in row and (runtime is None or row["runtime"] == runtime)
            and (row["configuration"] == configuration if runtime == "quantc"
                 else row["runtime"] != "quantc" and row["configuration"].startswith(configuration))]
    return min(rows, key=lambda row: row["median_ns"], default=None)


def summary(results, peaks):
    """For each model what is asked of quantc: how far it is ahead of the fastest other, whatever
    that one's noise, and how its own configurations compare."""
    def times(slow, fast):
        return f"{slow['median_ns'] / fast['median_ns']:.2f}×" if slow and fast else ""

    lines = ["| | threads | int8 ms | of peak | fastest other | ahead of it | of ONNX Runtime | float ms | fastest other | "
             "ahead of it | int8 over float | fixed of f32 | over 1 thread |",
             "|---|---:|---:|---:|---|---:|---:|---:|---|---:|---:|---:|---:|"]
    single = {}
    for result in results:
        integer, fixed, real = (find(result, "quantc", name) for name in ("int8", "int8 fixed", "float"))
        other, other_float = find(result, None, "int8"), find(result, None, "float")
        if not integer:
            continue
        if result["threads"] == 1:
            single[result["model"]] = integer
        share = peak_share(integer, result, peaks)
        alone = single.get(result["model"]) if result["threads"] > 1 else None
        cells = [result["model"], str(result["threads"]), f"{integer['median_ns'] / 1e6:.3f}",
                 f"{share:.0%}" if share else "", other["runtime"] if other else "", times(other, integer),
                 times(find(result, "ONNX Runtime", "int8"), integer), f"{real['median_ns'] / 1e6:.3f}" if real else "",
                 other_float["runtime"] if other_float else "", times(other_float, real), times(real, integer),
                 times(fixed, integer), times(alone, integer)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def document(everything):
    machine = everything["machine"]
    text = (f"{machine['cpu']}, {machine['processors']} processors, {' '.join(machine['features'])}; {everything['date']}\n\n"
            "Peaks of one core, measured in the same run: " + ", ".join(
                f"{kind} {peak['macs_per_s'] / 1e9:.0f} GMAC/s ({peak['instructions']})"
                for kind, peak in everything["peaks"].items()) + "\n")
    text += "\n" + summary(everything["results"], everything["peaks"]) + "\n"
    return text + "\n".join(table(result, everything["peaks"]) for result in everything["results"]) + "\n"


def plots(everything, folder):
    """A bar chart for each number of threads: median latency relative to quantc's int8."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    for threads in sorted({result["threads"] for result in everything["results"]}):
        results = [r for r in everything["results"] if r["threads"] == threads
                   and any("error" not in row for row in r["rows"])]
        if not results:
            continue
        figure, axes = plt.subplots(1, len(results), figsize=(4.2 * len(results), 4.5), squeeze=False)
        for axis, result in zip(axes[0], results):
            rows = [row for row in result["rows"] if "error" not in row][::-1]
            labels = [f"{row['runtime']} {row['configuration']}" for row in rows]
            colors = ["#c0392b" if row["runtime"] == "quantc" else "#34495e" if "int8" in row["configuration"]
                      else "#95a5a6" for row in rows]
            times = [row["median_ns"] / 1e6 for row in rows]
            # What is far slower is cut, its label isn't.
            end = PLOTTED * min(times)
            bars = axis.barh(labels, [min(time, end) for time in times], color=colors)
            axis.bar_label(bars, [f"{time:.3g}" + (" …" if time > end else "") for time in times], padding=2, fontsize=7)
            axis.set_title(f"{result['model']}, {threads} thread{'s' if threads > 1 else ''}", fontsize=9)
            axis.set_xlabel("median, ms", fontsize=8)
            axis.tick_params(labelsize=7)
            axis.margins(x=0.15)
            axis.spines[["top", "right"]].set_visible(False)
        figure.tight_layout()
        path = folder / f"latency-{threads}.svg"
        figure.savefig(path)
        plt.close(figure)
        yield path
