class Work
  def self.put
    Digdag.env.export(ex: 2)
    Digdag.env.add_subtask("echo>" => "sub ${ex}")
  end
end
