package labeler.explain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.linux.DeviceNumber;

/** The names that the kernel's audit has for the devices of file systems ({@code s_id} of a superblock). */
record DeviceNames(Map<String, Long> numbers) {
    private static final Path PARTITIONS = Path.of("/proc/partitions");

    /** Major and minor number, blocks, name (proc(5)). */
    private static final Pattern PARTITION = Pattern.compile(" *(\\d{1,6}) +(\\d{1,7}) +\\d+ +(\\S+)");

    /** A file system without a block device, such as NFS. */
    private static final Pattern ANONYMOUS = Pattern.compile("(\\d{1,6}):(\\d{1,7})");

    /** Those of this host now: from /proc/partitions, which the service's domain may read, and not /sys, which it may not. */
    static DeviceNames ofHost() {
        return read(PARTITIONS);
    }

    /** Those in a file of that form; none if it cannot be read. */
    static DeviceNames read(Path partitions) {
        Map<String, Long> numbers = new HashMap<>();
        try (Stream<String> lines = Files.lines(partitions, StandardCharsets.US_ASCII)) {
            lines.map(PARTITION::matcher)
                    .filter(Matcher::matches)
                    .forEach(line -> numbers.putIfAbsent(line.group(3), number(line)));
            return new DeviceNames(numbers);
        } catch (IOException | UncheckedIOException e) {
            return new DeviceNames(Map.of());
        }
    }

    /**
     * Whether a file is on the file system whose device has this name; empty if that cannot be told.
     *
     * @param device of the file, as st_dev has it
     */
    Optional<Boolean> isOn(String name, long device) {
        return number(name).filter(number -> isComparable(number, device)).map(number -> number == device);
    }

    /**
     * btrfs is named after its block device, and each of its subvolumes has a number of its own, of no device. So the one
     * says nothing about the other.
     */
    private static boolean isComparable(long named, long device) {
        return DeviceNumber.major(named) == 0 || DeviceNumber.major(device) != 0;
    }

    private Optional<Long> number(String name) {
        Matcher anonymous = ANONYMOUS.matcher(name);
        return anonymous.matches() ? Optional.of(number(anonymous)) : Optional.ofNullable(numbers.get(name));
    }

    private static long number(Matcher numbers) {
        return DeviceNumber.of(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)));
    }
}
