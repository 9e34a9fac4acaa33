package labeler.vm.qemu.option;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The forms of options in docs/coverage-qemu.md. {@link CoveragePageTest} says what the program reads in them, and
 * {@link EveryFormTest} lets a real qemu open what they name.
 */
final class PageForms {
    /** Forms with a directory, an address, or nothing at all; and forms that are refused. */
    private static final Map<String, List<String>> MORE = Map.ofEntries(
            entry("drive", List.of("file=fat:rw:NAME,if=none", "file=nvme://0000:01:00.0/1,format=raw,if=none")),
            entry(
                    "blockdev",
                    List.of(
                            "driver=nvme,node-name=n,device=0000:01:00.0,namespace=1",
                            "driver=vvfat,node-name=n,dir=NAME",
                            "driver=nbd,node-name=n,server.type=unix,server.path=NAME",
                            "driver=io_uring,node-name=n,filename=NAME")),
            entry(
                    "device",
                    List.of(
                            "vfio-pci,host=0000:01:00.0",
                            "vfio-ap,sysfsdev=/sys/bus/mdev/devices/53764d0e-85a0-42b4-af5c-2046b460b1dc",
                            "vfio-platform,host=fff51000.ethernet",
                            "usb-host,hostbus=1,hostaddr=2",
                            "usb-host,vendorid=0x1d6b,productid=2",
                            "usb-host,hostbus=1,hostport=2",
                            "usb-mtp,rootdir=NAME",
                            "usb-mtp,rootdir=NAME,readonly=off",
                            "ccid-card-emulated,db=NAME",
                            "vhost-scsi-pci,wwpn=naa.1",
                            "virtio-gpu-pci,blob=on",
                            "u2f-emulated,dir=NAME",
                            "virtio-net-pci,new-key=NAME")),
            entry(
                    "object",
                    List.of(
                            "tls-creds-x509,id=t,dir=NAME,endpoint=server",
                            "tls-creds-x509,id=t,dir=NAME,endpoint=client",
                            "tls-creds-psk,id=t,dir=NAME,endpoint=server",
                            "tls-creds-anon,id=t,dir=NAME,endpoint=server",
                            "rng-random,id=r",
                            "memory-backend-shm,id=m,size=1M",
                            "memory-backend-epc,id=m,size=1M",
                            "iommufd,id=i",
                            "new-type,id=x")),
            entry("fsdev", List.of("local,id=f,path=NAME", "local,id=f,path=NAME,readonly=on")),
            entry("virtfs", List.of("local,path=NAME,mount_tag=x")),
            entry("display", List.of("egl-headless", "dbus", "spice-app")),
            entry("spice", List.of("gl=on", "tls-port=5901,x509-dir=NAME")),
            entry("audiodev", List.of("wav,id=a", "oss,id=a", "alsa,id=a,out.dev=file:NAME")),
            entry("tpmdev", List.of("passthrough,id=t", "emulator,id=t,chardev=c")),
            entry(
                    "netdev",
                    List.of(
                            "user,id=n,tftp=NAME",
                            "user,id=n,smb=NAME",
                            "user,id=n,guestfwd=tcp:10.0.2.1:1-cmd:cat",
                            "tap,id=n",
                            "user,id=n,guestfwd=tcp:10.0.2.1:1-tcp:127.0.0.1:9,,server=on,,logfile=NAME",
                            "vde,id=n")),
            entry("accel", List.of("kvm,rapl=on")),
            entry("trace", List.of("file=log-%d")),
            entry(
                    "chardev",
                    List.of(
                            "socket,id=c,path=x,abstract=on,server=on",
                            "braille,id=c",
                            "{\"id\":\"c\",\"backend\":{\"type\":\"file\",\"data\":{\"out\":\"NAME\"}}}")),
            entry("global", List.of("virtio-blk-pci.drive=x", "kvm-pit.lost_tick_policy=delay")),
            entry("set", List.of("drive.x.file=NAME")),
            entry("k", List.of("de", "/NAME")),
            entry("L", List.of("/usr/share/x", "NAME")),
            entry("incoming", List.of("tcp:0:4444", "exec:cat NAME")),
            entry("run-with", List.of("user=x", "chroot=NAME")),
            entry("D", List.of("log-%d")),
            entry("initrd", List.of("NAME,NAME")),
            entry("usbdevice", List.of("tablet", "braille", "disk:NAME")));

    private PageForms() {}

    /** The arguments of an option; an empty one if it takes none. */
    static List<String> of(Option option) {
        List<String> forms = written(option.name());
        return forms.isEmpty() ? List.of(option.takesArgument() ? "x" : "") : forms;
    }

    /** Those of an option that somebody wrote down: all, if it names files. */
    static List<String> written(String option) {
        return Stream.concat(
                        FileTemplates.OPTIONS.getOrDefault(option, List.of()).stream(),
                        MORE.getOrDefault(option, List.of()).stream())
                .toList();
    }
}
