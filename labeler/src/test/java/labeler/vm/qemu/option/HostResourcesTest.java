package labeler.vm.qemu.option;

import static labeler.vm.qemu.option.ParsedOptions.parse;
import static labeler.vm.qemu.option.ParsedOptions.problems;
import static labeler.vm.qemu.option.ParsedOptions.uses;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices, directories, keys and sockets of the host that a command line gives to the guest or to qemu. */
class HostResourcesTest {
    private static final String UUID = "53764d0e-85a0-42b4-af5c-2046b460b1dc";

    @Test
    void a_device_of_vfio_is_known_by_its_address() {
        String device = "host-device Pci[domain=0, bus=6, slot=18, function=5, managed=false]";
        assertThat(uses("-device", "vfio-pci,host=06:12.5")).containsExactly(device);
        assertThat(uses("-device", "{\"driver\":\"vfio-pci-nohotplug\",\"host\":\"0000:06:12.5\"}"))
                .containsExactly(device);
        assertThat(uses("-device", "vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:06:12.5"))
                .containsExactly(device);
        for (String driver : List.of("vfio-pci", "vfio-ap", "vfio-ccw")) {
            assertThat(uses("-device", driver + ",sysfsdev=/sys/bus/mdev/devices/" + UUID))
                    .containsExactly("host-device Mediated[uuid=" + UUID + "]");
        }
    }

    @Test
    void the_newer_way_of_vfio_has_another_node_for_all() {
        assertThat(uses("-object", "iommufd,id=i", "-device", "vfio-pci,host=01:00.0,iommufd=i"))
                .containsExactly(
                        "shared-device read-write /dev/iommu",
                        "host-device Pci[domain=0, bus=1, slot=0, function=0, managed=false]");
        assertThat(uses("-object", "iommufd,id=i,fd=3")).isEmpty();
    }

    @Test
    void a_usb_device_is_a_node_or_a_product() {
        assertThat(uses("-device", "usb-host,hostdevice=/dev/bus/usb/001/002"))
                .containsExactly("host-device read-write /dev/bus/usb/001/002");
        assertThat(uses("-device", "{\"driver\":\"usb-host\",\"hostbus\":1,\"hostaddr\":12}"))
                .containsExactly("host-device read-write /dev/bus/usb/001/012");
        assertThat(uses("-device", "usb-host,vendorid=0x1d6b,productid=2"))
                .containsExactly("host-device UsbProduct[vendor=7531, product=2]");
    }

    @Test
    void other_devices_of_the_host() {
        assertThat(uses("-device", "vhost-scsi-pci,wwpn=naa.1"))
                .containsExactly("shared-device read-write /dev/vhost-scsi");
        assertThat(uses("-device", "vhost-scsi-pci,wwpn=naa.1,vhostfd=3")).isEmpty();
        assertThat(uses("-device", "spapr-tpm-proxy,host-path=/dev/tpmrm0"))
                .containsExactly("host-device read-write /dev/tpmrm0");
        assertThat(uses("-tpmdev", "passthrough,id=t,path=/dev/tpm1,cancel-path=/sys/x"))
                .containsExactly("host-device read-write /dev/tpm1", "host-device read-write /sys/x");
        assertThat(uses("-tpmdev", "passthrough,id=t"))
                .containsExactly(
                        "host-device read-write /dev/tpm0",
                        "first host-device read-write /sys/class/tpm/tpm0/device/cancel of 2");
        assertThat(uses("-tpmdev", "emulator,id=t,chardev=c", "-chardev", "socket,id=c,path=/s"))
                .containsExactly("socket read-write /s");
    }

    @Test
    void a_directory_for_the_guest_is_a_tree() {
        assertThat(uses("-fsdev", "local,id=f,path=/d,security_model=none"))
                .containsExactly("tree read-write /d and all below");
        assertThat(uses("-virtfs", "local,path=d,mount_tag=/x,security_model=none,readonly=on"))
                .containsExactly("tree read-only /vm/d and all below");
        assertThat(uses("-fsdev", "proxy,id=f,socket=/s")).containsExactly("socket read-write /s");
        assertThat(uses("-device", "usb-mtp,rootdir=/d")).containsExactly("tree read-only /d and all below");
        assertThat(uses("-device", "{\"driver\":\"usb-mtp\",\"rootdir\":\"/d\",\"readonly\":false}"))
                .containsExactly("tree read-write /d and all below");
        assertThat(uses("-netdev", "user,id=n,tftp=/d,bootfile=/pxe"))
                .containsExactly("tree read-only /d and all below");
    }

    @Test
    void keys_in_a_directory_are_known_by_their_names() {
        assertThat(uses("-object", "tls-creds-x509,id=t,dir=/d,endpoint=server"))
                .containsExactly(
                        "configuration read-only /d/ca-cert.pem",
                        "perhaps configuration read-only /d/ca-crl.pem",
                        "configuration read-only /d/server-cert.pem",
                        "secret read-only /d/server-key.pem",
                        "perhaps configuration read-only /d/dh-params.pem");
        assertThat(uses("-object", "{\"qom-type\":\"tls-creds-x509\",\"id\":\"t\",\"dir\":\"d\"}"))
                .containsExactly(
                        "configuration read-only /vm/d/ca-cert.pem",
                        "perhaps configuration read-only /vm/d/client-cert.pem",
                        "perhaps secret read-only /vm/d/client-key.pem");
        assertThat(uses("-object", "tls-creds-psk,id=t,dir=/d,endpoint=client"))
                .containsExactly("secret read-only /d/keys.psk");
        assertThat(uses("-object", "tls-creds-anon,id=t,endpoint=server")).isEmpty();
    }

    @Test
    void spice_reads_keys_with_a_port_for_tls_alone() {
        assertThat(uses("-spice", "tls-port=5901,x509-dir=/d"))
                .containsExactly(
                        "configuration read-only /d/ca-cert.pem",
                        "configuration read-only /d/server-cert.pem",
                        "secret read-only /d/server-key.pem");
        assertThat(uses("-spice", "tls-port=5901,x509-key-file=k"))
                .containsExactly(
                        "secret read-only /vm/k",
                        "configuration read-only /vm/./ca-cert.pem",
                        "configuration read-only /vm/./server-cert.pem");
        assertThat(uses("-spice", "port=5900,x509-dir=/d")).isEmpty();
    }

    @Test
    void a_smartcard_has_a_database() {
        assertThat(uses("-device", "ccid-card-emulated,backend=certificates,cert1=a,cert2=b,cert3=c,db=/d"))
                .startsWith("perhaps configuration read-only /d/pkcs11.txt")
                .contains("perhaps configuration read-only /d/cert9.db")
                .contains("perhaps secret read-only /d/key4.db", "perhaps secret read-only /d/key3.db");
        assertThat(uses("-device", "ccid-card-emulated"))
                .contains("perhaps configuration read-only /etc/pki/nssdb/cert9.db");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-display egl-headless",
                "-display {\"type\":\"egl-headless\"}",
                "-display dbus,p2p=on,gl=on",
                "-spice port=0,gl=on"
            })
    void a_gpu_without_a_name_is_the_first_that_there_is(String line) {
        assertThat(uses(line.split(" ", 2)))
                .containsExactly("first shared-device read-write /dev/dri/renderD128 of 64");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-display egl-headless,rendernode=/dev/dri/renderD129",
                "-display dbus,p2p=on,gl=core,rendernode=/dev/dri/renderD129",
                "-spice port=0,gl=on,rendernode=/dev/dri/renderD129"
            })
    void a_gpu_with_a_name_is_that(String line) {
        assertThat(uses(line.split(" ", 2))).containsExactly("shared-device read-write /dev/dri/renderD129");
    }

    @Test
    void no_gpu_is_used_where_none_is_asked_for() {
        assertThat(uses("-display", "dbus,p2p=on,gl=off", "-spice", "port=0,gl=off"))
                .isEmpty();
    }

    @Test
    void a_bus_is_reached_by_its_socket() {
        assertThat(uses("-display", "dbus,addr=unix:path=/run/a%2cb")).containsExactly("socket read-write /run/a,b");
        assertThat(uses("-object", "dbus-vmstate,id=dbus-vmstate,addr=unix:path=/s,,guid=00"))
                .containsExactly("socket read-write /s");
        assertThat(uses("-object", "dbus-vmstate,id=d,addr=tcp:host=h,,port=1")).isEmpty();
        assertThat(problems("-display", "dbus,addr=unix:abstract=x")).containsExactly(Problem.Kind.UNSUPPORTED);
    }

    @Test
    void sound_has_files_nodes_and_sockets() {
        assertThat(uses("-audiodev", "wav,id=a")).containsExactly("log create /vm/qemu.wav");
        assertThat(uses("-audiodev", "oss,id=a,out.dev=/dev/dsp1"))
                .containsExactly("shared-device read-write /dev/dsp1", "perhaps shared-device read-write /dev/dsp");
        assertThat(uses("-audiodev", "alsa,id=a,in.dev=hw:0,out.dev=default")).isEmpty();
        assertThat(uses("-audiodev", "pa,id=a,server=sound.example.org")).isEmpty();
        assertThat(uses("-audiodev", "pa,id=a,server={id}unix:/run/pulse tcp:host"))
                .containsExactly("socket read-write /run/pulse");
    }

    @Test
    void objects_open_what_they_have_by_default() {
        assertThat(uses("-object", "rng-random,id=r")).containsExactly("shared-device read-only /dev/urandom");
        assertThat(uses("-object", "sev-guest,id=s,cbitpos=1")).containsExactly("shared-device read-write /dev/sev");
        assertThat(uses("-object", "memory-backend-epc,id=m,size=1M"))
                .containsExactly(
                        "shared-device read-write /dev/sgx_vepc", "perhaps shared-device read-only /dev/sgx_provision");
        assertThat(uses("-object", "memory-backend-shm,id=m,size=1M")).containsExactly("made memory /dev/shm");
    }

    @Test
    void memory_is_only_read_where_that_is_said() {
        assertThat(uses("-object", "memory-backend-file,id=m,size=1M,mem-path=/m,readonly=on"))
                .containsExactly("memory read-only /m");
        // The device above does not make it read-only: qemu opens it for writing all the same.
        assertThat(uses(
                        "-object",
                        "{\"qom-type\":\"memory-backend-file\",\"id\":\"m\",\"mem-path\":\"/m\",\"readonly\":false}",
                        "-device",
                        "{\"driver\":\"nvdimm\",\"memdev\":\"m\",\"unarmed\":true}"))
                .containsExactly("memory create /m");
    }

    @Test
    void a_property_that_is_changed_names_its_file() {
        assertThat(uses("-global", "virtio-net-pci.romfile=/r")).containsExactly("rom read-only /r");
        assertThat(uses("-global", "driver=virtio-net-pci,property=romfile,value=/r"))
                .containsExactly("rom read-only /r");
        assertThat(uses("-set", "device.x.romfile=/r")).containsExactly("rom read-only /r");
        assertThat(uses("-set", "device.x.romfile=r"))
                .singleElement()
                .asString()
                .startsWith("first rom read-only /vm/r");
        assertThat(uses("-global", "virtio-net-pci.romfile=")).isEmpty();
    }

    @Test
    void a_character_device_in_json_is_the_same() {
        assertThat(uses(
                        "-chardev",
                        json("socket", "\"addr\":{\"type\":\"unix\",\"data\":{\"path\":\"/s\"}},\"server\":false")))
                .containsExactly("socket read-write /s");
        assertThat(uses("-chardev", json("socket", "\"addr\":{\"type\":\"unix\",\"data\":{\"path\":\"/s\"}}")))
                .containsExactly("made socket /s");
        assertThat(uses("-chardev", json("socket", "\"addr\":{\"type\":\"inet\",\"data\":{\"host\":\"h/\"}}")))
                .isEmpty();
        assertThat(uses("-chardev", json("file", "\"out\":\"/o\",\"in\":\"/i\",\"logfile\":\"/l\"")))
                .containsExactlyInAnyOrder("log create /l", "chardev create /o", "chardev read-only /i");
        assertThat(uses("-chardev", json("pipe", "\"device\":\"/p\"")))
                .containsExactly("first chardev read-write /p.in of 2", "first chardev read-write /p.out of 2");
        assertThat(uses("-chardev", json("serial", "\"device\":\"/dev/ttyS0\"")))
                .containsExactly("chardev read-write /dev/ttyS0");
        assertThat(uses("-chardev", json("null", ""))).isEmpty();
        assertThat(problems("-chardev", json("null", "\"new\":\"/x\""))).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(problems("-chardev", "{\"id\":")).containsExactly(Problem.Kind.DEFINITION_MALFORMED);
        assertThat(problems(
                        "-chardev",
                        json("socket", "\"addr\":{\"type\":\"unix\",\"data\":{\"path\":\"x\",\"abstract\":true}}")))
                .containsExactly(Problem.Kind.UNSUPPORTED);
    }

    private static String json(String type, String data) {
        return "{\"id\":\"c\",\"backend\":{\"type\":\"" + type + "\",\"data\":{" + data + "}}}";
    }

    @Test
    void a_device_has_no_name_in_the_file_system() {
        assertThat(parse("-device", "vfio-pci,host=01:00.0").uses().getFirst())
                .isInstanceOf(DeclaredUse.DeviceUse.class)
                .satisfies(use -> assertThat(use.names()).isEmpty());
        assertThat(parse("-fsdev", "local,id=f,path=/d").uses().getFirst().names())
                .containsExactly(HostPath.of("/d"));
    }

    @Test
    void a_graphics_card_that_shares_buffers_has_their_node() {
        for (String device :
                List.of("virtio-gpu-pci,blob=on", "virtio-vga,blob", "{\"driver\":\"virtio-gpu-pci\",\"blob\":true}")) {
            assertThat(uses("-device", device)).containsExactly("shared-device read-write /dev/udmabuf");
        }
        assertThat(uses("-device", "virtio-gpu-gl-pci,blob=on"))
                .containsExactly("perhaps shared-device read-write /dev/udmabuf");
        assertThat(uses("-device", "virtio-gpu-pci,blob=off", "-device", "vhost-user-gpu,blob=on"))
                .isEmpty();
        assertThat(problems("-global", "virtio-gpu-device.blob=on")).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @Test
    void spice_in_several_options_is_one() {
        assertThat(uses("-spice", "unix=on,disable-ticketing=on", "-spice", "addr=spice.sock"))
                .containsExactly("made socket /vm/spice.sock");
        assertThat(uses("-spice", "tls-port=5931,disable-ticketing=on", "-spice", "x509-dir=/d"))
                .containsExactly(
                        "configuration read-only /d/ca-cert.pem",
                        "configuration read-only /d/server-cert.pem",
                        "secret read-only /d/server-key.pem");
        assertThat(uses("-spice", "gl=on", "-spice", "rendernode=/dev/dri/renderD129"))
                .containsExactly("shared-device read-write /dev/dri/renderD129");
    }

    @Test
    void each_address_of_vnc_counts() {
        assertThat(uses("-vnc", "unix:/a,vnc=unix:/b,websocket=unix:/c,websocket=unix:/d"))
                .containsExactly("made socket /a", "made socket /b", "made socket /c", "made socket /d");
    }

    @Test
    void a_picture_at_the_start_is_the_same_in_the_machine_of_which_boot_is_a_part() {
        for (String option : List.of("-boot splash=s.bmp", "-machine q35,boot.splash=s.bmp", "-M boot.splash=s.bmp")) {
            assertThat(uses(option.split(" ", 2)))
                    .singleElement()
                    .asString()
                    .startsWith("first rom read-only /vm/s.bmp of ");
        }
    }

    @Test
    void a_vnc_that_calls_its_viewer_uses_the_viewers_socket() {
        assertThat(uses("-vnc", "unix:/a,reverse=on,vnc=unix:b"))
                .containsExactly("socket read-write /a", "socket read-write /vm/b");
        assertThat(uses("-display", "vnc=unix:/a,reverse")).containsExactly("socket read-write /a");
        assertThat(uses("-vnc", "unix:/a,reverse=off")).containsExactly("made socket /a");
    }

    @Test
    void a_braille_display_is_the_hosts_behind_its_daemon() {
        for (String option : List.of(
                "-chardev braille,id=b",
                "-chardev {\"id\":\"b\",\"backend\":{\"type\":\"braille\",\"data\":{}}}",
                "-serial braille",
                "-serial braille,logfile=/l",
                "-usbdevice braille")) {
            assertThat(uses(option.split(" ", 2)))
                    .as(option)
                    .contains(
                            "perhaps socket read-write /var/lib/BrlAPI/0", "perhaps secret read-only /etc/brlapi.key");
        }
        assertThat(uses("-usbdevice", "tablet")).isEmpty();
    }

    /** For a multiboot kernel what follows the blank is words for the module, and for any other a part of its name. */
    @Test
    void an_initrd_with_a_blank_in_its_name_may_be_two_files() {
        assertThat(uses("-initrd", "a b c"))
                .containsExactly("initrd read-only /vm/a b c", "perhaps initrd read-only /vm/a");
        assertThat(uses("-machine", "pc,initrd=/a b"))
                .containsExactly("initrd read-only /a b", "perhaps initrd read-only /a");
        assertThat(uses("-initrd", " b")).containsExactly("initrd read-only /vm/ b");
    }

    @Test
    void a_recording_is_only_read_where_it_is_replayed() {
        assertThat(uses("-icount", "shift=auto,rr=record,rrfile=/r")).containsExactly("log create /r");
        assertThat(uses("-icount", "7,rr=replay,rrfile=/r")).containsExactly("log read-only /r");
    }

    @Test
    void the_meter_of_a_processor_has_a_socket_of_its_own() {
        assertThat(uses("-accel", "kvm,rapl=on")).containsExactly("socket read-write /var/run/qemu-vmsr-helper.sock");
        assertThat(uses("-accel", "kvm,rapl=on,rapl-helper-socket=/s")).containsExactly("socket read-write /s");
        assertThat(uses("-accel", "kvm,rapl=off")).isEmpty();
    }

    @Test
    void a_key_that_qemu_plays_has_files() {
        assertThat(uses("-device", "u2f-emulated,cert=c,privkey=k,counter=n,entropy=e"))
                .containsExactly(
                        "configuration read-only /vm/c",
                        "secret read-only /vm/k",
                        "nvram read-write /vm/n",
                        "secret read-only /vm/e");
        assertThat(problems("-device", "u2f-emulated,dir=keys")).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
        assertThat(problems("-global", "u2f-emulated.privkey=k")).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }
}
