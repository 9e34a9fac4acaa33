package labeler.vm.qemu.hotplug;

import java.util.List;
import java.util.Optional;

/**
 * A disk as its options say it, in the notation of a command line: JSON, or {@code key=value} settings.
 *
 * @param blockdevs of {@code -blockdev}, the ones that others build on first
 * @param device of {@code -device}; empty for nodes alone, which somebody else will use
 */
public record DiskOptions(List<String> blockdevs, Optional<String> device) {
    public DiskOptions {
        blockdevs = List.copyOf(blockdevs);
    }
}
