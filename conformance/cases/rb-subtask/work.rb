class Work
  def self.add
    Digdag.env.add_subtask(Work, :child, v: 7)
    Digdag.env.add_subtask(Work, :child, v: 8)
  end

  def self.child(v)
    puts "child #{v}"
  end
end
