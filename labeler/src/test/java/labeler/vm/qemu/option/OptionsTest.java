package labeler.vm.qemu.option;

import static labeler.vm.qemu.option.ParsedOptions.parse;
import static labeler.vm.qemu.option.ParsedOptions.problems;
import static labeler.vm.qemu.option.ParsedOptions.uses;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;
import labeler.vm.VmDefinition.Acceleration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
    @Test
    void what_the_guest_boots_from_is_read() {
        assertThat(uses("-kernel", "k", "-initrd", "/i", "-shim", "s", "-dtb", "d"))
                .containsExactly(
                        "kernel read-only /vm/k", "initrd read-only /i", "shim read-only /vm/s", "dtb read-only /vm/d");
        assertThat(uses("-machine", "pc,kernel=k,initrd=i,dtb=d,dumpdtb=o"))
                .containsExactlyInAnyOrder(
                        "kernel read-only /vm/k", "initrd read-only /vm/i", "dtb read-only /vm/d", "log create /vm/o");
    }

    @Test
    void an_initrd_with_a_comma_is_one_file_or_two() {
        assertThat(problems("-initrd", "a,b")).containsExactly(Problem.Kind.AMBIGUOUS);
        assertThat(problems("-M", "pc,initrd=a,,b")).containsExactly(Problem.Kind.AMBIGUOUS);
    }

    @Test
    void firmware_by_a_bare_name_is_searched_in_the_order_of_qemu() {
        VmDefinition definition = parse("-bios", "b.bin", "-L", "/usr/share/mine");
        assertThat(definition.problems()).isEmpty();
        assertThat(definition.uses().getFirst())
                .isInstanceOfSatisfying(
                        DeclaredUse.SearchedUse.class,
                        searched -> assertThat(searched.candidates())
                                .startsWith(
                                        HostPath.of("/vm/b.bin"),
                                        HostPath.of("/usr/share/mine/b.bin"),
                                        HostPath.of("/usr/share/qemu/b.bin")));
        assertThat(uses("-bios", "/b.bin")).containsExactly("firmware read-only /b.bin");
    }

    @Test
    void character_devices_in_both_notations() {
        assertThat(uses("-serial", "file:a,b")).containsExactly("chardev create /vm/a,b");
        assertThat(uses("-serial", "mon:unix:s,server=on,wait=off")).containsExactly("made socket /vm/s");
        assertThat(uses("-qmp", "unix:s")).containsExactly("socket read-write /vm/s");
        assertThat(uses("-monitor", "/dev/ttyS0")).containsExactly("chardev read-write /dev/ttyS0");
        assertThat(uses("-debugcon", "pipe:p"))
                .containsExactly("first chardev read-write /vm/p.in of 2", "first chardev read-write /vm/p.out of 2");
        assertThat(uses(
                        "-serial",
                        "stdio",
                        "-serial",
                        "none",
                        "-parallel",
                        "null",
                        "-gdb",
                        "tcp::1234",
                        "-serial",
                        "mon:stdio",
                        "-monitor",
                        "vc:80Cx24C",
                        "-serial",
                        "chardev:x",
                        "-qmp",
                        "tcp:localhost:4444,server,nowait"))
                .isEmpty();
        assertThat(uses("-chardev", "stdio,id=c,logfile=l")).containsExactly("log create /vm/l");
        assertThat(uses("-chardev", "pty,id=c,path=p"))
                .containsExactly("shared-device read-write /dev/ptmx", "made chardev /vm/p");
        for (String pty : List.of("pty", "mon:pty", "pty,logfile=l")) {
            assertThat(uses("-serial", pty)).as(pty).contains("shared-device read-write /dev/ptmx");
        }
        assertThat(uses("-serial", "file:/dev/null")).containsExactly("shared-device create /dev/null");
    }

    /** Categories do not protect it: another VM can connect, or listen there first. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-chardev socket,id=c,path=x,server=on,wait=off,abstract=on",
                "-chardev socket,id=c,path=x,abstract",
                "-chardev socket,id=c,path=x,abstract=on,tight=off,reconnect=5",
                "-qmp unix:x,server=on,wait=off,abstract=on",
                "-qmp-pretty unix:x,abstract=yes",
                "-monitor unix:x,server,nowait,abstract=on",
                "-serial mon:unix:x,server=on,abstract=true",
                "-gdb unix:x,server=on,abstract=y"
            })
    void a_monitor_or_another_character_device_on_an_abstract_socket_is_refused(String words) {
        String[] option = words.split(" ", -1);
        VmDefinition definition = parse(option[0], option[1]);

        assertThat(definition.uses()).isEmpty();
        assertThat(definition.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.UNSUPPORTED);
            assertThat(problem.message()).contains(option[0], "abstract", "every VM", "runtime directory");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-netdev stream,id=n,addr.type=unix,addr.path=foo,addr.abstract=on",
                "-netdev stream,id=n,server=on,addr.type=unix,addr.path=foo,addr.abstract=on",
                "-blockdev driver=nbd,node-name=n,server.type=unix,server.path=/x,server.abstract=on",
                "-object x-vfio-user-server,id=v,type=unix,socket.path=x,socket.abstract=on",
                "-object tdx-guest,id=t,quote-generation-socket.type=unix,quote-generation-socket.path=x,"
                        + "quote-generation-socket.abstract=on"
            })
    void an_abstract_socket_of_another_kind_is_refused_as_well(String line) {
        assertThat(problems(line.split(" ", 2))).containsExactly(Problem.Kind.UNSUPPORTED);
    }

    @Test
    void a_socket_that_is_said_to_be_none_of_the_abstract_ones_is_a_file() {
        assertThat(uses("-qmp", "unix:s,server=on,abstract=off")).containsExactly("made socket /vm/s");
    }

    @Test
    void objects_name_files_by_their_type() {
        assertThat(uses("-object", "memory-backend-file,id=m,size=1G,mem-path=/m"))
                .containsExactly("memory create /m");
        assertThat(uses("-object", "{\"qom-type\":\"secret\",\"id\":\"s\",\"data\":\"a/b=\"}"))
                .isEmpty();
        assertThat(uses("-object", "secret,id=s,file=x")).containsExactly("secret read-only /vm/x");
        assertThat(uses("-object", "rng-random,id=r,filename=/dev/random"))
                .containsExactly("shared-device read-only /dev/random");
        assertThat(uses("-object", "iothread,id=i")).isEmpty();
    }

    @Test
    void devices_name_files() {
        assertThat(uses("-device", "{\"driver\":\"loader\",\"file\":\"x\"}")).containsExactly("rom read-only /vm/x");
        assertThat(uses("-device", "uefi-vars-x64,jsonfile=v")).containsExactly("nvram create /vm/v");
        assertThat(uses("-device", "usb-host,hostbus=1,hostaddr=12"))
                .containsExactly("host-device read-write /dev/bus/usb/001/012");
        assertThat(uses("-device", "virtio-net-pci,netdev=n,mac=00:00:00:00:00:01,romfile="))
                .isEmpty();
    }

    @Test
    void a_name_that_is_not_utf_8_is_kept() {
        VmDefinition definition = QemuCommandLine.read(
                        List.of(bytes("q"), bytes("-kernel"), new byte[] {'k', (byte) 0xff}), HostPath.of("/vm"))
                .definition();
        assertThat(definition.uses().getFirst())
                .isInstanceOfSatisfying(
                        DeclaredUse.FileUse.class,
                        file -> assertThat(file.path().bytes())
                                .isEqualTo(new byte[] {'/', 'v', 'm', '/', 'k', (byte) 0xff}));
    }

    @Test
    void a_json_name_outside_of_ascii_is_utf_8() {
        assertThat(uses("-blockdev", "{\"node-name\":\"n\",\"driver\":\"file\",\"filename\":\"\\u00e9é\"}"))
                .containsExactly("disk rw /vm/éé raw alone");
    }

    @Test
    void sockets_that_qemu_makes() {
        assertThat(uses("-vnc", "unix:v,to=1", "-spice", "unix=on,addr=/s", "-incoming", "unix:i"))
                .containsExactlyInAnyOrder("made socket /vm/v", "made socket /s", "made socket /vm/i");
        assertThat(uses("-netdev", "dgram,id=n,local.type=unix,local.path=l,remote.type=unix,remote.path=r"))
                .containsExactly("made socket /vm/l", "socket read-write /vm/r");
    }

    @Test
    void a_saved_state_is_read() {
        assertThat(uses("-incoming", "file:/s,offset=4096")).containsExactly("saved-state read-only /s");
        assertThat(uses("-incoming", "defer")).isEmpty();
    }

    @Test
    void the_first_accelerator_counts() {
        assertThat(parse("-enable-kvm").acceleration()).isEqualTo(Acceleration.HARDWARE);
        assertThat(parse("-M", "q35,accel=kvm:tcg").acceleration()).isEqualTo(Acceleration.HARDWARE);
        assertThat(parse("-accel", "tcg,thread=multi").acceleration()).isEqualTo(Acceleration.EMULATION);
        assertThat(parse().acceleration()).isEqualTo(Acceleration.EMULATION);
        assertThat(QemuCommandLine.read(List.of(bytes("/usr/bin/qemu-kvm")), HostPath.of("/"))
                        .definition()
                        .acceleration())
                .isEqualTo(Acceleration.HARDWARE);
    }

    @Test
    void options_that_repeat_are_numbered() {
        VmDefinition definition = parse("-drive", "file=a,format=raw", "-drive", "file=b,format=raw", "--kernel", "k");
        assertThat(definition.uses())
                .extracting(use -> use.origin().text())
                .containsExactlyInAnyOrder("-drive[0]", "-drive[1]", "-kernel");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-readconfig x",
                "-add-fd fd=3,set=1",
                "-plugin file=x.so",
                "-set drive.x.file=/y",
                "-set device.x.drive=y",
                "-global virtio-blk-pci.share-rw=on",
                "-global usb-mtp.rootdir=/y",
                "-global vfio-pci.host=0000:01:00.0",
                "-global driver=ccid-card-emulated,property=db,value=y",
                "-L /home/x",
                "-L /usr/../home/x",
                "-run-with chroot=/x",
                "-incoming exec:cat",
                "-incoming {\"channel-type\":\"main\"}",
                "-object new-type,id=x",
                "-k /home/x/layout",
                "-object iothread,id=x,new=/y",
                "-chardev new,id=x",
                "-chardev null,id=x,new=/y",
                "-serial odd",
                "-netdev new,id=x",
                "-netdev tap,id=x",
                "-netdev user,id=x,smb=/x",
                "-netdev user,id=x,guestfwd=tcp:1.2.3.4:5-cmd:cat",
                "-netdev {\"type\":\"user\",\"id\":\"x\",\"guestfwd\":[{\"str\":\"tcp:1.2.3.4:5-cmd:cat\"}]}",
                "-netdev user,id=x,guestfwd=tcp:1.2.3.4:5-unix:x",
                "-netdev user,id=x,guestfwd=tcp:1.2.3.4:5-tcp:127.0.0.1:9,,server=on,,logfile=lf",
                "-netdev vde,id=x",
                "-trace file=/tmp/tr-%d",
                "-device vfio-pci,host=10000:01:00.0",
                "-device vfio-pci,host=x",
                "-device vfio-pci,sysfsdev=/vm/53764d0e-85a0-42b4-af5c-2046b460b1dc",
                "-device vfio-pci,sysfsdev=/sys/../vm/53764d0e-85a0-42b4-af5c-2046b460b1dc",
                "-device vfio-platform,host=fff51000.ethernet",
                "-device virtio-net-pci,host=0000:01:00.0",
                "-device virtio-net-pci,rootdir=/x",
                "-device usb-host,vendorid=1",
                "-device usb-host,hostbus=1,hostport=2",
                "-device usb-host,hostbus=1,hostaddr=1000",
                "-device u2f-passthru",
                "-usbdevice u2f-key",
                "-display dbus",
                "-display dbus,addr=unixexec:path=/bin/sh",
                "-display dbus,addr=unix:tmpdir=/x",
                "-display spice-app",
                "-display new,x=/y",
                "-audiodev pa,id=a,server=unix:relative",
                "-audiodev alsa,id=a,out.dev=file:/x",
                "-audiodev alsa,id=a,out.dev=file:'|touch x'",
                "-audiodev alsa,id=a,in.dev=tee:null,,x,,raw",
                "-audiodev alsa,id=a,out.dev=plug:'file:x'",
                "-audiodev alsa,id=a,out.dev=pcm.file:x",
                "-audiodev alsa,id=a,out.dev={type file}",
                "-audiodev alsa,id=a,in.dev=shm:x,,y",
                "-audiodev {\"driver\":\"alsa\",\"id\":\"a\",\"out\":{\"dev\":\"file:x\"}}",
                "-audio alsa,model=ac97,out.dev=file:x",
                "-audiodev jack,id=a,out.start-server=on",
                "-device virtio-net-pci,new=/y",
                "-device virtio-net-pci,/y",
                "-boot splash-time=1,/y",
                "-smbios /y",
                "-object iothread,id=x,./y=1",
                "-chardev {\"id\":\"x\",\"backend\":{\"type\":\"null\",\"data\":{\"/y\":true}}}",
                "-fsdev new,id=x,path=/x",
                "-fsdev proxy,id=x,sock_fd=3",
                "-D log-%d",
                "-usbdevice disk:x",
                "-semihosting-config enable=on",
                "-newoption",
                "-"
            })
    void what_is_not_understood_is_refused(String line) {
        assertThat(problems(line.split(" ", 2))).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-global kvm-pit.lost_tick_policy=delay",
                "-set device.x.bootindex=1",
                "-netdev user,id=n,net=10.0.0.0/24,hostfwd=tcp::2222-:22",
                "-netdev tap,id=n,fd=3,vhost=on,vhostfd=4",
                "-netdev tap,id=n,script=no,downscript=no",
                "-smbios type=1,manufacturer=a/b,serial=x",
                "-smbios type=9,slot_designation=J6/B",
                "-device isa-applesmc,osk=a/b",
                "-global isa-applesmc.osk=a/b",
                "-rtc base=utc,driftfix=slew",
                "-name guest=x/y,debug-threads=on",
                "-sandbox on,spawn=deny",
                "-append root=/dev/vda",
                "-audiodev none,id=x",
                "-audiodev alsa,id=a,in.dev=hw:0,,0,out.dev=plughw:CARD=PCH,,DEV=0",
                "-audiodev alsa,id=a,in.dev=sysdefault:CARD=PCH,out.dev=plug:'dmix:0,,0,,RATE=48000'",
                "-audiodev alsa,id=a,in.dev=pulse,out.dev=surround51:1",
                "-audiodev jack,id=a,out.start-server=off,out.connect-ports=system:playback_.*",
                "-device virtserialport,bus=a.0,chardev=c,name=org.qemu.guest_agent.0",
                "-cpu host",
                "-daemonize"
            })
    void what_names_no_file_passes(String line) {
        assertThat(uses(line.split(" ", 2))).isEmpty();
    }

    @Test
    void a_missing_argument_is_malformed() {
        assertThat(problems("-kernel")).containsExactly(Problem.Kind.DEFINITION_MALFORMED);
        assertThat(problems("-kernel", "")).containsExactly(Problem.Kind.DEFINITION_MALFORMED);
        assertThat(QemuCommandLine.read(List.of(), HostPath.of("/"))
                        .definition()
                        .problems())
                .hasSize(1);
        assertThat(QemuCommandLine.read(List.of(bytes("q")), HostPath.of("x"))
                        .definition()
                        .problems())
                .hasSize(1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void an_argument_as_long_as_linux_passes_is_read_and_a_longer_one_is_not() {
        assertThat(problems("-name", "x".repeat(131_071))).isEmpty();
        assertThat(problems("-name", "x".repeat(131_072))).containsExactly(Problem.Kind.TOO_MANY);
    }
}
