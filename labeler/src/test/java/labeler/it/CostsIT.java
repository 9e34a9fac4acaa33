package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The costs of a start and a stop that no other work of the machine changes: system calls, and memory that is allocated. A limit
 * is what was counted when it was set, and some more. {@code ./dev bench} has the times.
 */
class CostsIT {
    /** Two disks of five files each. */
    private static final int FILES = 10;

    /** Calls that have to do with the VM's files. */
    private static final List<String> OF_FILES = List.of(
            "openat2",
            "openat",
            "statx",
            "fstatfs",
            "fcntl",
            "readlinkat",
            "close",
            "pread64",
            "fgetxattr",
            "getxattr",
            "fsetxattr",
            "removexattr",
            "name_to_handle_at");

    /** The loop devices of other tests: the service asks the kernel for the file of each. */
    private static final Pattern LOOP_DEVICES = Pattern.compile("/(dev|block)/loop");

    private static final int CYCLES = 20;
    private static final int MOST_CALLS_FOR_A_FILE = 35;

    /** Firmware and the like that qemu would take from its directory: one call for each such name. */
    private static final int LOOKED_FOR = 80;

    private static final int MOST_CALLS_OF_THE_JOURNAL = 60;

    /** Of all the service's threads. 2.04 to 2.27 MB were measured. */
    private static final long MOST_BYTES = 2_400_000;

    /** The rounds of twenty cycles that count, and those that are tried. */
    private static final int ROUNDS = 3;

    private static final int MOST_ROUNDS = 15;

    private final Path temporary;
    private final List<String> argv;

    @AutoClose
    private final ServiceFixture service;

    CostsIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr", "strace");
        Images images = Images.in(temporary.resolve("images"));
        argv = Images.qemu(
                "-drive",
                Images.disk(chain(images, "one"), "qcow2"),
                "-drive",
                Images.disk(chain(images, "two"), "qcow2"));
        service = ServiceFixture.started(temporary);
    }

    @BeforeEach
    void a_service_that_has_started_such_a_vm_before() throws IOException {
        cycle();
    }

    private static Path chain(Images images, String name) throws IOException {
        Path top = images.overlay(name + "1", images.labelledRaw(name + "0"));
        for (int i = 2; i < FILES / 2; i++) {
            top = images.create(name + i, "-b", top.toString(), "-F", "qcow2");
        }
        return top;
    }

    private void cycle() throws IOException {
        service.start("web1", argv).ok();
        service.stop("web1").ok();
    }

    @Test
    void a_start_and_a_stop_make_few_system_calls() throws IOException {
        long ofFiles = Long.MAX_VALUE;
        long ofJournal = Long.MAX_VALUE;
        // A settlement, which comes every half a minute, makes calls of its own.
        for (int i = 0; i < CYCLES; i++) {
            Map<String, Long> calls = callsOfACycle();
            long writes = calls.getOrDefault("pwrite64", 0L);
            ofJournal = Math.min(ofJournal, writes);
            ofFiles = Math.min(
                    ofFiles, calls.values().stream().mapToLong(Long::longValue).sum() - writes);
        }
        assertThat(ofFiles).isBetween((long) FILES, (long) MOST_CALLS_FOR_A_FILE * FILES + LOOKED_FOR);
        assertThat(ofJournal).isBetween(1L, (long) MOST_CALLS_OF_THE_JOURNAL);
    }

    private Map<String, Long> callsOfACycle() throws IOException {
        Path output = temporary.resolve("calls");
        try (Strace _ = Strace.watching(service, output, String.join(",", OF_FILES) + ",pwrite64")) {
            cycle();
        }
        return Files.readAllLines(output).stream()
                .filter(line -> !LOOP_DEVICES.matcher(line).find())
                .map(line -> line.replaceFirst("^[0-9]+ +", "").replaceFirst("\\(.*", ""))
                .filter(call -> call.equals("pwrite64") || OF_FILES.contains(call))
                .collect(Collectors.groupingBy(call -> call, Collectors.counting()));
    }

    @Test
    void a_start_and_a_stop_allocate_little() throws IOException {
        List<Long> rounds = new ArrayList<>();
        for (int round = 0; round < MOST_ROUNDS && rounds.size() < ROUNDS; round++) {
            allocatedInACycle().ifPresent(rounds::add);
        }
        assertThat(rounds).as("rounds in which no thread has ended").hasSize(ROUNDS);
        // On a busy machine settlements come in between, which allocate as well.
        assertThat(Collections.min(rounds)).as("bytes a cycle").isBetween(1000L, MOST_BYTES);
    }

    /** Empty if a thread has ended: nobody knows what it has allocated since the round began. */
    private OptionalLong allocatedInACycle() throws IOException {
        int cycles = 20;
        Path recording = temporary.resolve("allocations.jfr");
        Path settings = temporary.resolve("allocations.jfc");
        Files.writeString(settings, """
                <?xml version="1.0" encoding="UTF-8"?>
                <configuration version="2.0">
                  <event name="jdk.ThreadAllocationStatistics">
                    <setting name="enabled">true</setting>
                    <setting name="period">everyChunk</setting>
                  </event>
                </configuration>
                """);
        jcmd("JFR.start", "name=costs", "settings=" + settings);
        for (int i = 0; i < cycles; i++) {
            cycle();
        }
        jcmd("JFR.stop", "name=costs", "filename=" + recording);

        // All threads at the begin, and all at the end. The events of one look have one time.
        NavigableMap<Instant, Map<Long, Long>> looks = new TreeMap<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(recording)) {
            looks.computeIfAbsent(event.getStartTime(), _ -> new HashMap<>())
                    .put(event.getThread("thread").getOSThreadId(), event.getLong("allocated"));
        }
        Map<Long, Long> first = looks.firstEntry().getValue();
        Map<Long, Long> last = looks.lastEntry().getValue();
        if (!last.keySet().containsAll(first.keySet())) {
            return OptionalLong.empty();
        }
        long bytes = last.entrySet().stream()
                .mapToLong(entry -> entry.getValue() - first.getOrDefault(entry.getKey(), 0L))
                .sum();
        return OptionalLong.of(bytes / cycles);
    }

    private void jcmd(String... arguments) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Command done = Command.run(
                Map.of(), Images.with(List.of(jcmd.toString(), Long.toString(service.pid())), List.of(arguments)));
        assertThat(done.exitCode()).as(done.out() + done.err()).isZero();
    }
}
