package labeler.vm.qemu.hotplug;

import java.util.List;
import java.util.Optional;

/**
 * The options of a disk, in the notation of a command line: JSON, or {@code key=value} settings.
 *
 * @param blockdevs of {@code -blockdev}; those that others build on come first
 * @param device of {@code -device}; empty for nodes alone, which somebody else will use
 */
public record HotplugArguments(List<String> blockdevs, Optional<String> device) {
    public HotplugArguments {
        blockdevs = List.copyOf(blockdevs);
    }
}
