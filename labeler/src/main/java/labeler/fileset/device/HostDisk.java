package labeler.fileset.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.linux.DeviceNumber;

/** The block devices behind a SCSI device, and what the host does with them. */
final class HostDisk {
    private HostDisk() {}

    /** @param device the directory of the SCSI device */
    static Optional<String> uses(SysfsDirectory device, DiskUses uses) {
        SysfsDirectory disks = device.below("block");
        for (String disk : disks.names()) {
            Optional<String> use = ofDisk(disks.below(disk), disk, uses);
            if (use.isPresent()) {
                return use;
            }
        }
        return Optional.empty();
    }

    /** The disk and its partitions, which are directories in it that have a number of their own. */
    private static Optional<String> ofDisk(SysfsDirectory disk, String name, DiskUses uses) {
        List<SysfsDirectory> parts = new ArrayList<>(List.of(disk));
        disk.names().stream()
                .filter(part -> part.startsWith(name) && disk.below(part).has("dev"))
                .forEach(part -> parts.add(disk.below(part)));
        for (SysfsDirectory part : parts) {
            String own = String.valueOf(part.path().getFileName());
            List<String> holders = part.below("holders").names();
            if (!holders.isEmpty()) {
                return Optional.of(own + " is a part of " + holders.getFirst());
            }
            OptionalLong number = number(part);
            Optional<String> use =
                    number.isPresent() ? uses.of(own, number.getAsLong()) : Optional.of(own + " has no number");
            if (use.isPresent()) {
                return use;
            }
        }
        return Optional.empty();
    }

    /** {@code MAJOR:MINOR}. */
    private static OptionalLong number(SysfsDirectory device) {
        String[] numbers = device.text("dev").orElse("").split(":", -1);
        try {
            return numbers.length == 2
                    ? OptionalLong.of(DeviceNumber.of(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])))
                    : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
