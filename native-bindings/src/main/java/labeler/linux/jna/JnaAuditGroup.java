package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import labeler.linux.AuditFeed;
import labeler.linux.AuditGroup;
import labeler.linux.LinuxException;

/** Joins the group by a netlink socket (netlink(7)) whose filter drops all other types in the kernel. */
record JnaAuditGroup(ScratchPool pool) implements AuditGroup {
    static final String SUBJECT = "audit socket";

    /** A filter's answer for the whole message. */
    private static final int WHOLE = -1;

    @Override
    public AuditFeed join(Set<Integer> types) throws LinuxException {
        if (types.isEmpty() || types.size() > AuditFeed.MOST_TYPES) {
            throw new IllegalArgumentException("1 to " + AuditFeed.MOST_TYPES + " types");
        }
        OwnedDescriptor socket = socket();
        boolean isJoined = false;
        try (Scratch scratch = pool.take()) {
            // The filter comes first: nothing of another type ever waits in the socket.
            filter(scratch, socket.number(), types);
            bind(scratch, socket.number());
            AuditFeed feed = new JnaAuditFeed(pool, socket);
            isJoined = true;
            return feed;
        } finally {
            if (!isJoined) {
                socket.close();
            }
        }
    }

    private static OwnedDescriptor socket() throws LinuxException {
        try {
            return new OwnedDescriptor(LibC.socket(
                    Abi.Netlink.AF_NETLINK,
                    Abi.Netlink.SOCK_RAW | Abi.UnixAddress.SOCK_CLOEXEC,
                    Abi.Netlink.NETLINK_AUDIT));
        } catch (LastErrorException e) {
            throw Calls.failure("socket", SUBJECT, e);
        }
    }

    private static void filter(Scratch scratch, int socket, Set<Integer> types) throws LinuxException {
        List<byte[]> program = program(List.copyOf(types));
        ByteBuffer instructions = ByteBuffer.allocate(program.size() * Abi.Netlink.INSTRUCTION_SIZE);
        program.forEach(instructions::put);
        scratch.putStructure(
                Abi.Netlink.PROGRAM_LENGTH,
                ByteBuffer.allocate(Short.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .putShort((short) program.size())
                        .array());
        scratch.putLong(Abi.Netlink.PROGRAM_FILTER, scratch.data(instructions.array()));
        try {
            LibC.setsockopt(
                    socket,
                    Abi.Socket.SOL_SOCKET,
                    Abi.Netlink.SO_ATTACH_FILTER,
                    scratch.structure(),
                    Abi.Netlink.PROGRAM_SIZE);
        } catch (LastErrorException e) {
            throw Calls.failure("setsockopt", SUBJECT, e);
        }
    }

    /** Takes messages of these types. The type is in this machine's order, and the filter reads in that of the network. */
    private static List<byte[]> program(List<Integer> types) {
        List<byte[]> program = new ArrayList<>();
        program.add(instruction(Abi.Netlink.LOAD_SHORT, 0, Abi.Netlink.HEADER_TYPE));
        for (int i = 0; i < types.size(); i++) {
            // To the last instruction, over the rest of the types and the refusal.
            int jump = types.size() - i;
            short type = types.get(i).shortValue();
            boolean isSwapped = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
            program.add(instruction(
                    Abi.Netlink.JUMP_IF_EQUAL, jump, (isSwapped ? Short.reverseBytes(type) : type) & 0xffff));
        }
        program.add(instruction(Abi.Netlink.RETURN, 0, 0));
        program.add(instruction(Abi.Netlink.RETURN, 0, WHOLE));
        return program;
    }

    private static byte[] instruction(int code, int ifTrue, int operand) {
        return ByteBuffer.allocate(Abi.Netlink.INSTRUCTION_SIZE)
                .order(ByteOrder.nativeOrder())
                .putShort(Abi.Netlink.CODE, (short) code)
                .put(Abi.Netlink.IF_TRUE, (byte) ifTrue)
                .putInt(Abi.Netlink.OPERAND, operand)
                .array();
    }

    private static void bind(Scratch scratch, int socket) throws LinuxException {
        scratch.putStructure(0, address(1 << (Abi.Netlink.AUDIT_NLGRP_READLOG - 1)));
        try {
            LibC.bind(socket, scratch.structure(), Abi.Netlink.ADDRESS_SIZE);
        } catch (LastErrorException e) {
            throw Calls.failure("bind", SUBJECT, e);
        }
    }

    /** An address at which the kernel chooses the port. */
    static byte[] address(int groups) {
        return ByteBuffer.allocate(Abi.Netlink.ADDRESS_SIZE)
                .order(ByteOrder.nativeOrder())
                .putShort(Abi.Netlink.FAMILY, (short) Abi.Netlink.AF_NETLINK)
                .putInt(Abi.Netlink.GROUPS, groups)
                .array();
    }
}
