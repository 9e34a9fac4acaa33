package labeler.vm.libvirt;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;

/** The files that hold the guest's memory: {@code <memoryBacking>}, its cells, and {@code <memory>} as a device. */
final class GuestMemory {
    private static final String HUGE_PAGES = "/dev/hugepages";

    private GuestMemory() {}

    static void declare(Domain domain) {
        XmlElement root = domain.root();
        Place place = domain.at("memoryBacking");
        Optional<XmlElement> backing = root.child("memoryBacking");
        String source = root.value("memoryBacking/source@type").orElse("");
        if (source.equals("memfd")) {
            return;
        }
        Optional<XmlElement> huge = backing.flatMap(one -> one.child("hugepages"));
        boolean isHuge = huge.isPresent();
        if (isHuge || modules(root).anyMatch(one -> one.value("source/pagesize").isPresent())) {
            hugePages(domain, place);
        }
        boolean isShared = root.value("memoryBacking/access@mode").isPresent()
                || cells(root).anyMatch(cell -> cell.value("@memAccess").isPresent())
                || modules(root).anyMatch(one -> one.value("@access").isPresent());
        if (source.equals("file")
                || (isShared && huge.filter(GuestMemory::holdAll).isEmpty())) {
            LibvirtSettings settings = domain.settings();
            place.made(
                    FileRole.MEMORY,
                    settings.memoryDirectory()
                            + domain.shortName().map(name -> "/" + name).orElse(""),
                    Making.ELSEWHERE,
                    "libvirt makes a directory for the VM there and labels it, and qemu makes its files in it");
        }
    }

    /** libvirt chooses for each cell: pages of some cells, or of the size of any page, leave the others in files. */
    private static boolean holdAll(XmlElement huge) {
        return huge.all("page").stream()
                .noneMatch(page -> page.value("@nodeset").isPresent() || isPlain(page));
    }

    /** 4 KiB, or 64 on some machines, in libvirt's default unit. */
    private static boolean isPlain(XmlElement page) {
        boolean isKibibytes = page.value("@unit").isEmpty() || page.has("unit", "KiB");
        return isKibibytes && page.number("size", 64).isPresent();
    }

    private static Stream<XmlElement> cells(XmlElement root) {
        return root.child("cpu").flatMap(cpu -> cpu.child("numa")).stream().flatMap(numa -> numa.all("cell").stream());
    }

    private static Stream<XmlElement> modules(XmlElement root) {
        return root.child("devices").stream().flatMap(devices -> devices.all("memory").stream());
    }

    /** libvirt chooses a mount by the size of the page: all are named. */
    private static void hugePages(Domain domain, Place place) {
        Optional<String> chosen = domain.settings().text("hugetlbfs_mount");
        List<String> mounts = chosen.map(List::of)
                .orElseGet(() -> domain.host().hugePageMounts().stream()
                        .map(HostPath::toString)
                        .toList());
        for (String mount : mounts.isEmpty() ? List.of(HUGE_PAGES) : mounts) {
            place.made(
                    FileRole.MEMORY,
                    mount + "/libvirt/qemu"
                            + domain.shortName().map(name -> "/" + name).orElse(""),
                    Making.ELSEWHERE,
                    "libvirt makes a directory for the VM there and labels it, and qemu makes nameless files in it");
        }
    }

    /** qemu opens the file of a module for writing even if the guest may only read it. */
    static void module(Place device, XmlElement memory) {
        device.below("source").file(FileRole.MEMORY, memory.value("source/path"), UseAccess.READ_WRITE);
        if (memory.has("model", "sgx-epc")) {
            Place place = device.below("source");
            place.file(FileRole.SHARED_DEVICE, "/dev/sgx_vepc", UseAccess.READ_WRITE);
            place.file(FileRole.SHARED_DEVICE, "/dev/sgx_provision", UseAccess.READ_ONLY);
        }
    }

    /** With a server it is libvirt's default name, if there is no other; without one qemu opens a file in memory. */
    static void shared(Place place, XmlElement device) {
        String name = device.value("@name").orElse("");
        if (device.hasChild("server")) {
            String path = device.value("server@path").orElse("/var/lib/libvirt/shmem-" + name + "-sock");
            place.file(FileRole.SOCKET, path, UseAccess.READ_WRITE);
        } else if (name.isEmpty() || name.contains("/")) {
            place.malformed("shared memory needs a name, without a slash");
        } else {
            place.file(FileRole.MEMORY, "/dev/shm/" + name, UseAccess.CREATE);
        }
    }
}
