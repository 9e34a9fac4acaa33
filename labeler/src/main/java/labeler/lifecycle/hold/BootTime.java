package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.linux.ProcessIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When this boot began, and so when a process did: the kernel counts its clock ticks from there. */
public final class BootTime {
    private static final Logger LOG = LoggerFactory.getLogger(BootTime.class);

    /** {@code USER_HZ}: 100 on every architecture that this program runs on (proc_pid_stat(5), field 22). */
    private static final int TICKS_A_SECOND = 100;

    private static final int TICK_NANOS = 1_000_000_000 / TICKS_A_SECOND;

    /** An earlier boot began at least as long ago as a host needs to crash and to come back. */
    private static final Duration CLOCK_STEP = Duration.ofMinutes(1);

    private final Optional<Instant> began;

    @Inject
    BootTime() {
        this(Path.of("/proc/stat"));
    }

    /** @param statistics the kernel's, with a line {@code btime} (proc_stat(5)) */
    BootTime(Path statistics) {
        this.began = read(statistics);
    }

    private static Optional<Instant> read(Path statistics) {
        try (Stream<String> lines = Files.lines(statistics)) {
            return lines.filter(line -> line.matches("btime [0-9]{1,18}"))
                    .map(line -> Instant.ofEpochSecond(Long.parseLong(line.substring("btime ".length()))))
                    .findFirst();
        } catch (IOException e) {
            LOG.warn("{}: cannot tell when this boot began: {}", statistics, e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Whether another program's time of a boot is this one's. Two programs that look at different moments differ by as much
     * as the clock was set in between.
     */
    public boolean isThis(Instant other) {
        return began.filter(boot -> !other.isBefore(boot.minus(CLOCK_STEP))).isPresent();
    }

    /** When this process began. */
    Optional<Instant> timeOf(ProcessIdentity process) {
        return began.map(boot -> boot.plusSeconds(process.startTime() / TICKS_A_SECOND)
                .plusNanos(process.startTime() % TICKS_A_SECOND * TICK_NANOS));
    }
}
