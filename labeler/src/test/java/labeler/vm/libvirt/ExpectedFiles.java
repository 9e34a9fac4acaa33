package labeler.vm.libvirt;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.chain.ImageRequest;
import labeler.chain.ImageRequest.DeclaredBacking;
import labeler.chain.ImageRequest.DeclaredDataFile;
import labeler.chain.ImageRequest.ExternalBacking;
import labeler.chain.ImageRequest.HeaderBacking;
import labeler.chain.ImageRequest.HeaderDataFile;
import labeler.chain.ImageRequest.NoBacking;
import labeler.chain.ImageRequest.ProbedBacking;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;

/** The file names in a command line that libvirt makes, compared with those of a definition. */
final class ExpectedFiles {
    /** An absolute name that does not stand in a URL; two commas are one. */
    private static final Pattern NAME = Pattern.compile("(?<![\\w./:\\[-])/[A-Za-z0-9_.](?:[^\"',\\s}]|,,)*");

    /** Lines that name no file of the host: the environment, text for the guest. */
    private static final Pattern NO_FILES = Pattern.compile(
            "PATH=|HOME=|USER=|LOGNAME=|XDG_|LD_|LC_|-append |-smbios |-name |/usr/bin/|QEMU_AUDIO|-uuid ");

    /** Names in a command line that are no file which the definition could name, each with its reason. */
    private static final List<Pattern> NOT_NAMED = Stream.of(
                    // libvirt's own directory of the domain: keys, the monitor, sockets of its helpers.
                    "/tmp/lib/domain-.*|/var/lib/libvirt/qemu/domain--1-.*",
                    // A descriptor that libvirt has opened, by the name that the definition has.
                    "/dev/fdset/[0-9]+",
                    // A directory of the daemon's own environment: it has none as a service.
                    "/run/user/1000",
                    // What libvirt's tests have in the place of something that a start chooses.
                    "/dev/test|/dev/dri/foo",
                    // Their answer for a unit of an iSCSI target, of which udev makes the real name.
                    "/some/block/device/unit:0:0:1",
                    // Devices by their address, which only the host's sysfs resolves: ExpectedDevices looks for these.
                    "/sys/bus/mdev/devices/.*|/dev/sg[0-9]",
                    // The guest's name for a tree.
                    "/import/from/host[0-9]?",
                    // A path on an NFS server, with a driver of its own.
                    "/Volume2/Image|/backing/store/nfs|/foo/bar/baz",
                    // A serial number, and a name that ends at a comma.
                    "/dev/HostVG/QEMUG|/etc/pki/nssdb")
            .map(Pattern::compile)
            .toList();

    private ExpectedFiles() {}

    /** The names, and the host's devices, in the command line that are in no use of the definition. */
    static Set<String> missing(VmDefinition definition, String commandLine) {
        Set<String> names = names(definition);
        Set<String> missing = new TreeSet<>(ExpectedDevices.missing(definition, commandLine));
        commandLine.lines().filter(line -> !NO_FILES.matcher(line).lookingAt()).forEach(line -> {
            Matcher matcher = NAME.matcher(line);
            while (matcher.find()) {
                String name = plain(matcher.group());
                if (NOT_NAMED.stream()
                                .noneMatch(pattern -> pattern.matcher(name).matches())
                        && names.stream().noneMatch(known -> covers(known, name))) {
                    missing.add(name);
                }
            }
        });
        return missing;
    }

    private static String plain(String name) {
        return name.replace(",,", ",").replace("/var/run/", "/run/").replace("\\\\", "\\");
    }

    /** A directory covers what is below it; a file covers the name of its directory, where qemu is given that. */
    private static boolean covers(String known, String name) {
        return known.equals(name)
                || name.startsWith(known + "/")
                || known.startsWith(name + "/")
                || known.equals(name + ".in");
    }

    private static Set<String> names(VmDefinition definition) {
        Set<String> names = new HashSet<>();
        for (DeclaredUse use : definition.uses()) {
            use.names().forEach(name -> names.add(plain(name.toString())));
            if (use instanceof DeclaredUse.ImageUse image) {
                layers(image.image()).forEach(names::add);
            }
        }
        return names;
    }

    private static Stream<String> layers(ImageRequest image) {
        Stream<String> own = Stream.of(image.name().toString());
        Stream<String> data = switch (image.dataFile()) {
            case DeclaredDataFile(var name, var _) -> Stream.of(name.toString());
            case HeaderDataFile _ -> Stream.of();
        };
        Stream<String> below = switch (image.backing()) {
            case DeclaredBacking(ImageRequest one) -> layers(one);
            case ProbedBacking(ImageRequest one) -> layers(one);
            case HeaderBacking _, NoBacking _, ExternalBacking _ -> Stream.of();
        };
        return List.of(own, data, below).stream().flatMap(names -> names);
    }
}
