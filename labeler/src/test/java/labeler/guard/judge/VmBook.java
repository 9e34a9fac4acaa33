package labeler.guard.judge;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What a test has had a qemu do, beside what the qemu itself tells: the files of jobs, objects and devices. */
final class VmBook {
    /** qemu may have a file open for a while after its answer, and the guard gives it a second. */
    private static final long CLOSING_NANOS = 3_000_000_000L;

    private final String vm;
    private final Map<String, Set<Path>> jobs = new HashMap<>();
    private final Map<String, Path> others = new HashMap<>();
    private final Map<String, Path> removed = new HashMap<>();
    private final Map<Path, Long> closing = new HashMap<>();
    private final List<Path> made = new ArrayList<>();
    private final List<String> exports = new ArrayList<>();
    private int count;

    VmBook(String vm) {
        this.vm = vm;
    }

    String vm() {
        return vm;
    }

    /** A name that nothing has had yet. */
    String name(String kind) {
        return vm + "-" + kind + ++count;
    }

    void job(String id, Path... files) {
        jobs.put(id, Set.of(files));
    }

    Set<Path> filesOf(String job) {
        return jobs.getOrDefault(job, Set.of());
    }

    void other(String id, Path file) {
        others.put(id, file);
    }

    Map<String, Path> others() {
        return others;
    }

    void ended(String id) {
        Path file = others.remove(id);
        if (file != null) {
            removed.put(id, file);
            closing(file);
        }
    }

    /** The service was killed in the middle of a removal: what is still there was not removed. */
    void still(Predicate<String> isThere) {
        removed.keySet().stream().filter(isThere).toList().forEach(id -> {
            Path file = removed.remove(id);
            closing.remove(file);
            others.put(id, file);
        });
    }

    void closing(Path file) {
        closing.put(file, System.nanoTime());
    }

    void made(Path file) {
        made.add(file);
    }

    List<Path> made() {
        return made;
    }

    /** The ids of nodes' exports, which a test adds and removes. */
    List<String> exports() {
        return exports;
    }

    /** Files that jobs which are alive may write, those of objects and devices, and those that are being closed. */
    Set<Path> used(QemuFacts facts) {
        Set<Path> used = new HashSet<>(others.values());
        facts.alive().forEach(job -> used.addAll(filesOf(job)));
        long now = System.nanoTime();
        closing.forEach((file, since) -> {
            if (now - since < CLOSING_NANOS) {
                used.add(file);
            }
        });
        return used;
    }
}
