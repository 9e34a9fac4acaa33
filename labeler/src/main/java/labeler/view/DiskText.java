package labeler.view;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import labeler.api.ApiJson;
import labeler.disk.Drive;
import labeler.disk.Outcome;
import labeler.disk.Progress;
import labeler.json.JsonWriter;

/** An operation on a disk for people: a bar while it runs, and its result; or each as a line of JSON. */
public final class DiskText {
    /** Marks of the bar. With the words around it, a line stays below 80 columns: a longer one cannot be redrawn. */
    private static final int BAR = 20;

    /** Characters of a disk's name in the line. A place in qemu's tree is longer, and its end says most. */
    private static final int LONGEST_NAME = 15;

    private static final String CUT = "...";

    private static final int WHOLE = 100;

    /** In a log, more would bury the rest. */
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    private static final Duration BETWEEN_OBJECTS = Duration.ofSeconds(1);

    private static final long KIBI = 1024;
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};

    private final Terminal terminal;
    private final String vm;
    private final String disk;
    private final String word;
    private final boolean isJson;
    private long last = System.nanoTime();
    private volatile String job = "";

    /**
     * The texts of one operation.
     *
     * @param disk as the person names it
     * @param word of the command line
     */
    public DiskText(Terminal terminal, String vm, String disk, String word, boolean isJson) {
        this.terminal = terminal;
        this.vm = vm;
        this.disk = disk;
        this.word = word;
        this.isJson = isJson;
    }

    /** Takes the id of the job. */
    public void started(String id) {
        job = id;
    }

    /** The way to what a person leaves behind who does not wait. For any thread. */
    public String left() {
        return job.isEmpty()
                ? "nothing has been started yet, or nobody knows"
                : "job " + job + " goes on: QMP's job-cancel ends it";
    }

    /** Shows how far the job is: on a terminal each time, elsewhere now and then. */
    public void progress(Progress progress, boolean isCancelling) {
        if (isJson) {
            if (isTime(BETWEEN_OBJECTS)) {
                print(DiskLine.Progress.of(progress));
            }
        } else if (terminal.isWatched()) {
            terminal.progress(line(progress, isCancelling));
        } else if (isTime(BETWEEN_LINES)) {
            terminal.err().println(line(progress, isCancelling));
        }
    }

    private boolean isTime(Duration between) {
        long now = System.nanoTime();
        if (now - last < between.toNanos()) {
            return false;
        }
        last = now;
        return true;
    }

    private String line(Progress progress, boolean isCancelling) {
        String rest = isCancelling
                ? "cancelling"
                : progress.rest().map(left -> clock(left) + " left").orElse("");
        String speed = progress.speed() > 0 ? size(progress.speed()) + "/s" : "";
        String bar = terminal.isWatched() ? bar(progress.percent()) + " " : "";
        String line = String.format(
                Locale.ROOT,
                "%s %s  %s%3d %%  %11s  %s",
                word,
                shortened(Terminal.safe(disk)),
                bar,
                progress.percent(),
                speed,
                rest);
        return line.stripTrailing();
    }

    static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : CUT + name.substring(name.length() - LONGEST_NAME + CUT.length());
    }

    static String bar(int percent) {
        int full = percent * BAR / WHOLE;
        return "[" + "#".repeat(full) + "-".repeat(BAR - full) + "]";
    }

    /** Hours only where there are any. */
    static String clock(Duration time) {
        return time.toHours() > 0
                ? String.format(Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart())
                : String.format(Locale.ROOT, "%d:%02d", time.toMinutesPart(), time.toSecondsPart());
    }

    static String size(long bytes) {
        double value = (double) bytes / KIBI;
        int unit = 0;
        while (value >= KIBI && unit < UNITS.length - 1) {
            value /= KIBI;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    /** Shows the result. */
    public void result(Outcome outcome) {
        if (isJson) {
            print(line(outcome));
        } else {
            terminal.progress("");
        }
        switch (outcome.kind()) {
            case DONE, STARTED -> {
                if (!isJson) {
                    terminal.print(Terminal.safe(vm + ": disk " + disk + ": " + outcome.message()));
                }
            }
            case REFUSED, CONFLICT, FAILED, UNKNOWN, CANCELLED -> terminal.complain(outcome.message());
        }
        if (!outcome.unused().isEmpty()) {
            terminal.complain("qemu keeps the files of nodes that this disk does not use any more: "
                    + String.join(", ", outcome.unused()) + "; something else uses them, or QMP's blockdev-del removes"
                    + " them");
        }
    }

    /** One line for each object, so that a program can read them as they come. */
    private void print(Record line) {
        terminal.print(Terminal.escapeForTerminal(JsonWriter.compact(ApiJson.write(line))));
    }

    private DiskLine.Result line(Outcome outcome) {
        return new DiskLine.Result(
                "result",
                vm,
                disk,
                word,
                outcome.kind(),
                outcome.message(),
                outcome.job(),
                outcome.drive().flatMap(Drive::node),
                outcome.drive().map(Drive::chain).orElse(List.of()),
                outcome.unused());
    }
}
