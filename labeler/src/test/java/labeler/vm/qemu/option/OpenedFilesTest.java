package labeler.vm.qemu.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A real qemu is watched: each file that it opens must be in the definition, for that access, or be the system's. Here are
 * chains of images, and options that belong together; {@link EveryFormTest} has each form alone.
 */
class OpenedFilesTest {
    private static final SystemOpens SYSTEM = SystemOpens.read();

    @TempDir
    static Path directory;

    private static @Nullable ServerSocketChannel listener;

    @BeforeAll
    static void makeFiles() throws Exception {
        InstalledQemu.require(InstalledQemu.QEMU);
        InstalledQemu.require("strace");
        InstalledQemu.require("qemu-img");
        for (String name : List.of("base.raw", "a,b.raw", "c:d.raw", "iso", "data", "mem", "vars")) {
            image("create", "-q", "-f", "raw", name.contains(":") ? "./" + name : name, "1M");
        }
        image("create", "-q", "-f", "qcow2", "-b", "base.raw", "-F", "raw", "mid.qcow2");
        image("create", "-q", "-f", "qcow2", "-b", "mid.qcow2", "-F", "qcow2", "top.qcow2");
        image("create", "-q", "-f", "qcow2", "-b", directory + "/mid.qcow2", "-F", "qcow2", "absolute.qcow2");
        image("create", "-q", "-f", "qcow2", "-o", "data_file=kept.data", "split.qcow2", "1M");
        for (String name : List.of("kernel", "initrd", "rom.bin", "table", "fw", "oem", "in", "secret", "splash")) {
            Files.writeString(directory.resolve(name), name.repeat(100));
        }
        for (String pipe : List.of("pipe.in", "pipe.out", "fifo")) {
            TriedDirectory.run(directory, List.of("mkfifo", pipe));
        }
        for (String below : List.of("tree", "pages", "nss", "revoked")) {
            Files.createDirectory(directory.resolve(below));
        }
        for (String file : List.of("tree/file", "nss/pkcs11.txt", "revoked/ca-crl.pem", "revoked/dh-params.pem")) {
            Files.writeString(directory.resolve(file), "x");
        }
        makeKeys();
        listen();
    }

    private static void makeKeys() throws Exception {
        InstalledQemu.require("openssl");
        Path keys = Files.createDirectory(directory.resolve("tls"));
        TriedDirectory.makeKeys(keys);
        for (String name : List.of("ca-cert.pem", "server-cert.pem", "server-key.pem")) {
            Files.copy(keys.resolve(name), directory.resolve("revoked").resolve(name));
        }
    }

    /** Somebody who takes every connection and says nothing. */
    private static void listen() throws IOException {
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(directory.resolve("listener")));
        ServerSocketChannel open = listener;
        Thread.ofVirtual().start(() -> {
            while (open.isOpen()) {
                try {
                    open.accept().close();
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    @AfterAll
    static void close() throws IOException {
        if (listener != null) {
            listener.close();
        }
    }

    static Stream<List<String>> commandLines() {
        return Stream.of(
                List.of("-drive", "file=top.qcow2,format=qcow2,if=none,id=x"),
                List.of("-drive", "file=DIR/absolute.qcow2,format=qcow2,if=none,readonly=on"),
                List.of("-drive", "file=a,,b.raw,format=raw,if=none"),
                List.of(
                        "-drive",
                        "file=./c:d.raw,format=raw,if=none",
                        "-drive",
                        "file=file:base.raw,format=raw,if=none"),
                List.of(
                        "-drive",
                        "driver=raw,file.filename=c:d.raw,if=none",
                        "-blockdev",
                        "driver=file,node-name=n,filename=c:d.raw,read-only=on"),
                List.of(
                        "-blockdev",
                        "driver=file,node-name=f,filename=base.raw",
                        "-blockdev",
                        "driver=raw,node-name=r,file=f,read-only=on"),
                List.of("-audiodev", "wav,id=a,path=sound", "-device", "AC97,audiodev=a"),
                List.of("-serial", "pty:link", "-hda", "base.raw", "-cdrom", "iso"),
                List.of("-fda", "DIR/data", "-snapshot", "vars"),
                List.of("-drive", "file=split.qcow2,format=qcow2,if=none"),
                List.of(
                        "-drive",
                        "driver=qcow2,file.driver=file,file.filename=top.qcow2,backing.driver=raw,"
                                + "backing.file.driver=file,backing.file.filename=iso,if=none"),
                List.of(
                        "-drive",
                        "file=json:{\"driver\":\"qcow2\",,\"file\":{\"driver\":\"file\",,\"filename\":"
                                + "\"top.qcow2\"}},if=none"),
                List.of(
                        "-blockdev",
                                "{\"node-name\":\"bf\",\"driver\":\"file\",\"filename\":\"DIR/base.raw\","
                                        + "\"read-only\":true}",
                        "-blockdev",
                                "{\"node-name\":\"tf\",\"driver\":\"file\",\"filename\":\"DIR/mid.qcow2\","
                                        + "\"auto-read-only\":true}",
                        "-blockdev", "{\"node-name\":\"t\",\"driver\":\"qcow2\",\"file\":\"tf\",\"backing\":\"bf\"}"),
                List.of(
                        "-blockdev", "driver=file,node-name=f,filename=base.raw,auto-read-only=on",
                        "-blockdev", "driver=raw,node-name=r,file=f,read-only=on"),
                List.of(
                        "-blockdev",
                        "driver=qcow2,node-name=q,file.driver=file,file.filename=split.qcow2,"
                                + "data-file.driver=file,data-file.filename=kept.data"),
                List.of("-blockdev", "driver=qcow2,node-name=q,file.driver=file,file.filename=top.qcow2,read-only=on"),
                List.of(
                        "-blockdev",
                        "driver=raw,node-name=q,offset=512,size=512,file.driver=file," + "file.filename=base.raw"),
                List.of(
                        "-blockdev",
                        "driver=blkverify,node-name=v,test.driver=file,test.filename=base.raw,"
                                + "raw.driver=file,raw.filename=iso"),
                List.of("-serial", "file:log,1", "-chardev", "file,id=c,path=log2,input-path=in,logfile=log3"),
                List.of("-serial", "pipe:pipe", "-chardev", "pipe,id=p,path=fifo"),
                List.of(
                        "-serial", "unix:sock1,server,nowait",
                        "-chardev", "socket,id=s,path=DIR/sock2,server=on,wait=off,logfile=log4",
                        "-monitor", "unix:sock3,server=on,wait=off"),
                List.of("-drive", "if=pflash,format=raw,file=vars,readonly=on"),
                List.of("-bios", "DIR/rom.bin"),
                List.of("-device", "virtio-net-pci,romfile=rom.bin"),
                List.of("-device", "e1000,romfile=DIR/rom.bin", "-fw_cfg", "opt/x,file=fw"),
                List.of("-acpitable", "sig=TEST,data=table", "-smbios", "type=11,path=oem"),
                List.of("-object", "memory-backend-file,id=m,mem-path=mem,size=1M,share=on"),
                List.of(
                        "-object", "{\"qom-type\":\"rng-random\",\"id\":\"r\",\"filename\":\"DIR/in\"}",
                        "-object", "secret,id=s,file=secret"),
                List.of("-pidfile", "pid", "-D", "qemu.log", "-d", "guest_errors", "-trace", "file=trace.out"),
                List.of("-kernel", "kernel", "-initrd", "initrd"),
                List.of("-machine", "pc,kernel=DIR/kernel"),
                List.of("-device", "loader,file=rom.bin,addr=0x100000,force-raw=on"),
                List.of("-boot", "menu=on,splash=splash"),
                List.of("-vnc", "unix:vnc", "-netdev", "stream,id=n,server=on,addr.type=unix,addr.path=net"),
                List.of("-object", "filter-dump,id=d,netdev=n,file=dump", "-netdev", "user,id=n"),
                List.of("-incoming", "unix:DIR/incoming"));
    }

    /** What is no disk, and no file that qemu makes: directories, keys, sockets, nodes. */
    static Stream<List<String>> resources() {
        return Stream.of(
                List.of("-object", "tls-creds-x509,id=t,dir=DIR/tls,endpoint=server,sanity-check=off"),
                List.of("-object", "tls-creds-x509,id=t,dir=tls,endpoint=client,sanity-check=off"),
                List.of("-object", "tls-creds-x509,id=t,dir=revoked,endpoint=server,sanity-check=off"),
                List.of("-object", "tls-creds-psk,id=t,dir=tls,endpoint=server"),
                List.of("-object", "tls-creds-psk,id=t,dir=tls"),
                List.of("-object", "tls-creds-anon,id=t,dir=revoked,endpoint=server"),
                List.of("-object", "memory-backend-file,id=m,mem-path=mem,size=1M,readonly=on"),
                List.of("-object", "memory-backend-file,id=m,mem-path=pages,size=1M"),
                List.of("-mem-path", "DIR/pages", "-m", "16"),
                List.of(
                        "-fsdev",
                        "local,id=f,path=DIR/tree,security_model=none",
                        "-device",
                        "virtio-9p-pci,fsdev=f,mount_tag=x"),
                List.of("-virtfs", "local,path=tree,mount_tag=x,security_model=none,readonly=on"),
                List.of("-drive", "file=fat:DIR/tree,if=none"),
                List.of("-blockdev", "{\"driver\":\"vvfat\",\"node-name\":\"n\",\"dir\":\"DIR/tree\",\"rw\":true}"),
                List.of("-chardev", "socket,id=c,path=listener"),
                List.of("-serial", "unix:listener"),
                List.of("-netdev", "stream,id=n,addr.type=unix,addr.path=DIR/listener"),
                List.of("-netdev", "dgram,id=n,local.type=unix,local.path=DIR/here,remote.type=unix,remote.path=there"),
                List.of("-object", "pr-manager-helper,id=p,path=DIR/listener"),
                List.of("-object", "dbus-vmstate,id=dbus-vmstate,addr=unix:path=DIR/listener"),
                List.of("-drive", "file=nbd:unix:DIR/listener,format=raw,if=none"),
                List.of("-drive", "file=nbd+unix:///x?socket=DIR/listener,format=raw,if=none"),
                List.of("-blockdev", "driver=nbd,node-name=n,server.type=unix,server.path=listener"),
                List.of("-audiodev", "wav,id=a", "-device", "AC97,audiodev=a"),
                List.of("-device", "virtio-net-pci,id=x", "-set", "device.x.romfile=rom.bin"),
                List.of("-global", "virtio-net-pci.romfile=DIR/rom.bin", "-device", "virtio-net-pci"),
                List.of("-option-rom", "rom.bin"),
                List.of("-object", "input-linux,id=i,evdev=DIR/in"),
                List.of("-device", "virtio-input-host-pci,evdev=in"),
                List.of("-device", "qemu-xhci", "-device", "u2f-passthru,hidraw=DIR/in"),
                List.of("-device", "qemu-xhci", "-device", "usb-host,hostdevice=DIR/in"),
                List.of("-tpmdev", "passthrough,id=t,path=in,cancel-path=fw"),
                List.of("-device", "ipmi-bmc-sim,id=b,sdrfile=table"),
                List.of(
                        "-device",
                        "qemu-xhci",
                        "-device",
                        "usb-ccid",
                        "-device",
                        "ccid-card-emulated,backend=certificates,cert1=a,cert2=b,cert3=c,db=DIR/nss"));
    }

    @ParameterizedTest
    @MethodSource({"commandLines", "resources"})
    void all_that_qemu_opens_is_in_the_definition(List<String> template) throws Exception {
        List<String> options = template.stream()
                .map(argument -> argument.replace("DIR", directory.toString()))
                .toList();
        QemuCommandLine line = QemuCommandLine.read(
                Stream.concat(Stream.of(InstalledQemu.QEMU), options.stream())
                        .map(argument -> argument.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                HostPath.of(directory.toString()));
        assertThat(line.definition().problems()).isEmpty();
        NamedFiles named = NamedFiles.of(line, directory);
        OpenedByQemu opened = OpenedByQemu.with(options, directory);
        assertThat(line.definition().uses().stream().flatMap(use -> use.names().stream()))
                .as("qemu opened none of them: the command line proves nothing. It says: " + opened.said())
                .anyMatch(name -> opened.has(name.toString()));
        assertThat(opened.without(named, SYSTEM))
                .as("opened, but in no use of the definition, which names %s", named.writes())
                .isEmpty();
    }

    private static void image(String... arguments) throws IOException, InterruptedException {
        TriedDirectory.run(
                directory,
                Stream.concat(Stream.of("qemu-img"), Stream.of(arguments)).toList());
    }
}
